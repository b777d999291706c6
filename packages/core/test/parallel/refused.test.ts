import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { endOf, runScript, startScript } from './run-script.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

const notRebuilt = (experiment: string, reason: string | RegExp) => ({
  experiment,
  code: 'EXPERIMENT_NOT_REBUILT',
  name: 'ExperimentNotRebuiltError',
  message: expect.stringMatching(
    new RegExp(
      `A worker can't make the experiment '${experiment}'.*(?:${RegExp(reason).source})(?:.|\\n)*Ways out:`,
    ),
  ),
});
const madeHow = /made in a callback, under if \(import\.meta\.main\), or under a name that differs each time/;
const otherwise = {
  experiment: 'otherwise',
  code: 'WORKER_MISMATCH',
  name: 'WorkerMismatchError',
  message: expect.stringMatching(/Make it the same each time, or run it in this process/),
  differences: [
    "The code of the step 'work' has changed.",
    'The values of initialContext have changed.',
    "The treatment 't' sets something else.",
  ],
};

test.concurrent('what importing its module does not make again is refused before its first cell', async () => {
  const told = await runScript('refused.ts', ['worker_threads']);
  expect(told['refused']).toMatchObject([
    notRebuilt('only in main', madeHow),
    notRebuilt('in a callback', madeHow),
    notRebuilt('named at first', madeHow),
    notRebuilt('other params', /another pipeline \(id .*, expected .*\)/),
    otherwise,
    notRebuilt('failing', /calling the export failing of .* failed there: no such file/),
    notRebuilt('wanted', /gave no experiment 'wanted'. It has to return the experiment/),
    notRebuilt('no export', /no exported function 'missing'; exports are: another, byExport, failing/),
  ]);
  // An exported function with plain data makes what nothing else can: that alone has run.
  expect(told['made']).toEqual(['done']);
  expect(told['not set up']).toEqual([
    expect.stringMatching(/A worker could not be set up .* failed there: no key for the bucket/),
  ]);
  expect([told['ran'], told['committed']]).toEqual([[0], ['by export 3']]);
});

test.concurrent('the same between processes', async () => {
  const told = await runScript('refused.ts', ['child_process', 'few']);
  expect(told['refused']).toMatchObject([notRebuilt('only in main', madeHow), otherwise]);
  expect(told['made']).toEqual(['done']);
});

test.concurrent.each([
  ['worker_threads', 'throws', /importing .*never-ready\.ts failed there: not here/, 'RangeError: not here'],
  ['child_process', 'exits', /3 times in a row: process\.exit\(4\) was called/, /^WorkerDiedError/],
] as const)(
  'a module that can not be imported in a worker is refused: %s, %s',
  async (runtime, way, reason, cause) => {
    const { outcome } = await runScript('never-ready.ts', [runtime, way]);
    expect(outcome).toEqual([
      {
        name: 'ExperimentNotRebuiltError',
        code: 'EXPERIMENT_NOT_REBUILT',
        message: expect.stringMatching(reason),
        cause: expect.stringMatching(cause),
      },
    ]);
  },
);

test.concurrent('workers that can not even start are told of, in the same words', async () => {
  const { told, code } = await endOf(startScript('never-ready.ts', ['child_process', 'starts not']));
  expect(code).toBe(0);
  expect(told['outcome']).toMatchObject([
    {
      code: 'EXPERIMENT_NOT_REBUILT',
      message: expect.stringMatching(/3 times in a row: its process was killed, or crashed/),
    },
  ]);
});

test.concurrent.each(['worker_threads', 'child_process'])(
  'a run that is aborted while workers import rejects with the reason: %s',
  async (runtime) => {
    const { outcome } = await runScript('never-ready.ts', [runtime, 'hangs']);
    expect(outcome).toMatchObject([{ name: 'TimeoutError' }]);
  },
);

test.concurrent('a step that runs an experiment fails with the way out, and is not waited for', async () => {
  const told = await runScript('nested.ts', ['worker_threads']);
  expect(told['outer']).toEqual([
    ['failed', [expect.stringMatching(/run\(\) of the experiment 'inner' was called by a step on a worker/)]],
  ]);
  // What is random is why it is refused, and not that its top level waits for the run.
  expect(told['random']).toEqual([expect.stringMatching(/one of this name with another pipeline/)]);
});

test.concurrent('a module whose top level waits for the run itself still makes what its export would', async () => {
  const told = await runScript('stuck-export.ts', ['worker_threads']);
  // The first is told once more, by the worker of the second.
  expect(told['made']).toEqual([{ by: [5] }, { by: [5] }, { by: [6] }]);
});

const oneStep = `
  import { Experiment, ParallelExecution, datasource, pipelineStep } from '@crystallize/core';
  const experiment = new Experiment({
    name: 'evaluated',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [pipelineStep({ name: 'work', run: (data) => data })()],
    plugins: [new ParallelExecution({ workers: 1, runtime: process.env.RUNTIME })],
  });
`;
const tellIt = `
  await experiment.run().then(
    ({ status }) => console.log(JSON.stringify({ told: 'outcome', value: status })),
    ({ message }) => console.log(JSON.stringify({ told: 'outcome', value: message })),
  );
`;

test.concurrent('what no file has made is refused, what a file has made runs from there, unless it was edited since', async () => {
  const folder = await mkdtemp(join(import.meta.dirname, 'made-'));
  try {
    const file = join(folder, 'made.mjs');
    await writeFile(file, `${oneStep} export { experiment };`);
    const evaluate = (code: string, RUNTIME: string) =>
      runScript('support.ts', [], {
        env: { RUNTIME },
        options: ['--input-type=module', '--eval', code],
        cwd: import.meta.dirname,
      });
    const edited = join(folder, 'edited.mjs');
    await writeFile(edited, `${oneStep} export { experiment };`);
    const edit = `(await import('node:fs')).writeFileSync(${JSON.stringify(edited)}, ${JSON.stringify(
      `${oneStep.replace('(data) => data', '(data) => -data')} export { experiment };`,
    )});`;
    const mismatch = evaluate(
      `import { experiment } from ${JSON.stringify(edited)}; ${edit} ${tellIt}`,
      'worker_threads',
    );
    const [refused, ...imported] = await Promise.all([
      evaluate(oneStep + tellIt, 'worker_threads'),
      evaluate(`import { experiment } from ${JSON.stringify(file)}; ${tellIt}`, 'worker_threads'),
      evaluate(`import { experiment } from ${JSON.stringify(file)}; ${tellIt}`, 'child_process'),
    ]);
    expect(refused?.['outcome']).toEqual([
      expect.stringContaining('no file constructed it, as under node --eval'),
    ]);
    expect((await mismatch)['outcome']).toEqual([
      expect.stringMatching(
        /The code of the step 'work' has changed[\s\S]*A file was changed since the run began/,
      ),
    ]);
    expect(imported.map(({ outcome }) => outcome)).toEqual([['done'], ['done']]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
