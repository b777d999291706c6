import {
  Artifact,
  type CellRecord,
  CrystallizeError,
  Experiment,
  type Plugin,
  pipelineStep,
  type RunHandle,
  stateKey,
  treatment,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, rejection, replicateIndex, score } from './support/experiments.ts';

/** Notes every hook, in order. */
function probe(name: string, calls: string[]): Plugin {
  const note = (hook: string, what = '') => void calls.push(`${name}.${hook}${what && ` ${what}`}`);
  const at = (cell: { replicate: number; condition: string }) => `${cell.replicate}/${cell.condition}`;
  return {
    name,
    init: (run, shared) => note('init', `${run.role} ${String(shared)}`),
    beforeRun: () => {
      note('beforeRun');
      return { from: name };
    },
    commitCell: (_run, record) => note('commitCell', at(record)),
    afterRun: (_run, outcome) => note('afterRun', `${outcome.status} ${outcome.result?.status}`),
    onEvent: (_run, event) => note('onEvent', event.type),
    beforeCell: (cell) => note('beforeCell', at(cell)),
    beforeStep: (step) =>
      note('beforeStep', `${at(step.cell)} ${step.index} ${step.step} ${JSON.stringify(step.params)}`),
    afterStep: (step, outcome) => note('afterStep', `${step.step} ${outcome.status}`),
    afterCell: (cell, record) => note('afterCell', `${at(cell)} ${record.status}`),
  };
}

test('hooks that open run in the order of plugins, those that close in the reverse, events in between', async () => {
  const calls: string[] = [];
  const fail = pipelineStep({
    name: 'fail',
    run(data: number, ctx) {
      if (ctx.condition === 't') throw new Error('no');
      return data;
    },
  });
  const experiment = new Experiment({
    datasource: replicateIndex(),
    pipeline: [score(), fail()],
    treatments: [treatment('t', { k: 1 })],
    plugins: [probe('a', calls), probe('b', calls)],
    seed: 1,
  });
  await experiment.run();
  const both = (hook: string) => [`a.${hook}`, `b.${hook}`];
  const reversed = (hook: string) => [`b.${hook}`, `a.${hook}`];
  const step = (cell: string, index: number, name: string, params: string, status: string) => [
    ...both(`beforeStep ${cell} ${index} ${name} ${params}`),
    ...both('onEvent step:start'),
    ...both('onEvent step:end'),
    ...reversed(`afterStep ${name} ${status}`),
  ];
  const cell = (at: string, params: string, status: string) => [
    ...both('onEvent cell:start'),
    ...both(`beforeCell ${at}`),
    ...step(at, 0, 'score', params, 'done'),
    ...step(at, 1, 'fail', '{}', status),
    ...reversed(`afterCell ${at} ${status}`),
    ...both(`commitCell ${at}`),
  ];
  // A cell is reported when its commits have resolved, while the next may run already.
  const isReport = (call: string) => call.endsWith('onEvent cell:end');
  expect(calls.filter(isReport)).toEqual([...both('onEvent cell:end'), ...both('onEvent cell:end')]);
  expect(calls.filter((call) => !isReport(call))).toEqual([
    ...both('init main undefined'),
    ...both('beforeRun'),
    ...both('onEvent run:start'),
    ...cell('0/baseline', '{"k":0}', 'done'),
    ...cell('0/t', '{"k":1}', 'failed'),
    ...reversed('afterRun failed failed'),
    ...both('onEvent run:end'),
  ]);
});

test('state of a run is in its handle: one plugin serves two runs at once', async () => {
  const key = stateKey<{ readonly values: number[] }>('probe.values');
  const seen: (readonly [string, number[]])[] = [];
  const plugin: Plugin = {
    name: 'stateful',
    beforeRun: (run) => run.set(key, { values: [] }),
    afterStep: ({ cell }, outcome) =>
      void (outcome.status === 'done' && cell.run.get(key).values.push(outcome.output as number)),
    afterRun: (run) => void seen.push([run.id, run.get(key).values]),
  };
  const meet = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const make = (own: number) =>
    experimentOf(
      async (replicate) => {
        meet[own]?.resolve();
        await meet[1 - own]?.promise;
        return replicate + own * 100;
      },
      { replicates: 3, plugins: [plugin] },
    );
  const [a, b] = await Promise.all([make(0).run(), make(1).run()]);
  expect(Object.fromEntries(seen)).toEqual({
    [a.provenance.run]: [0, 1, 2],
    [b.provenance.run]: [100, 101, 102],
  });
});

test('state that was never set is an error that names it', async () => {
  const key = stateKey<number>('mine.count');
  const found: unknown[] = [];
  const plugin: Plugin = {
    name: 'p',
    beforeRun(run) {
      found.push(run.has(key));
      run.set(key, 1);
      found.push(run.has(key), run.get(key));
      run.get(stateKey('mine.other'));
    },
  };
  const error = await rejection(experimentOf(() => 1, { plugins: [plugin] }).run());
  expect(error).toBeInstanceOf(CrystallizeError);
  expect(error).toMatchObject({ code: 'STATE_MISSING', message: expect.stringContaining("'mine.other'") });
  expect(found).toEqual([false, true, 1]);
});

test('the handle says what the run is', async () => {
  let handle: RunHandle | undefined;
  const plugin: Plugin = {
    name: 'p',
    async beforeRun(run) {
      handle = run;
      run.storedAs({ version: 7, dir: '/somewhere/v7' });
      const definition = await run.definition();
      expect(definition.pipeline).toEqual([
        {
          step: 'score',
          params: expect.stringMatching(/^[0-9a-f]{64}$/),
          code: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ]);
      expect(Object.keys(definition.conditions)).toEqual(['baseline', 't']);
    },
  };
  const experiment = new Experiment({
    name: 'n',
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: { t: { k: 1 } },
    plugins: [plugin],
    replicates: 2,
    seed: 5,
  });
  const result = await experiment.run();
  expect(handle).toMatchObject({
    role: 'main',
    purpose: 'run',
    strategy: 'rerun',
    seed: 5,
    replicates: 2,
    conditions: ['baseline', 't'],
    version: 7,
  });
  expect(handle?.experiment).toBe(experiment.info);
  expect(result).toMatchObject({ version: 7, dir: '/somewhere/v7' });
  expect(result.provenance.run).toBe(handle?.id);
});

test('the definition changes with params, code, version, values and datasource, and with nothing else', async () => {
  const definitions: string[] = [];
  const plugin: Plugin = {
    name: 'p',
    afterRun: async (run) => void definitions.push(JSON.stringify(await run.definition())),
  };
  const run = (params: object, text: string, treated: number, version?: string) => {
    const code = new Function('data', text) as (data: number) => unknown;
    const step = pipelineStep({
      name: 's',
      params: { k: 1, ...params },
      run: code,
      ...(version ? { version } : {}),
    });
    return new Experiment({
      datasource: replicateIndex(),
      pipeline: [step()],
      treatments: [treatment('t', { k: treated })],
      plugins: [plugin],
    }).run();
  };
  await run({}, 'return 1', 2);
  await run({}, 'return 1', 2);
  await run({ k: 9 }, 'return 1', 2);
  await run({}, 'return 2', 2);
  await run({}, 'return 1', 3);
  await run({}, 'return 1', 2, 'v1');
  await run({}, 'return 2', 2, 'v1');
  expect(definitions[1]).toBe(definitions[0]);
  expect(definitions[6]).toBe(definitions[5]);
  expect(new Set(definitions).size).toBe(5);
});

test('the last plugin with artifacts gets them, and its records stand in the result', async () => {
  const file = new Artifact('file');
  const written: unknown[] = [];
  const sink = (name: string): Plugin => ({
    name,
    artifacts: () => ({
      async write(target, body) {
        written.push([name, target, Buffer.from(body as Uint8Array).toString()]);
        return { step: target.step, name: target.name, size: 1, sha256: 'abc' };
      },
      open: () => {
        throw new Error('unread');
      },
    }),
  });
  const experiment = experimentOf(() => file.write('text'), { plugins: [sink('first'), sink('second')] });
  const result = await experiment.run();
  expect(written).toEqual([
    ['second', { replicate: 0, condition: 'baseline', step: 'work', name: 'file' }, 'text'],
  ]);
  expect(result.baseline.cells[0]?.artifacts).toEqual([
    { step: 'work', name: 'file', size: 1, sha256: 'abc' },
  ]);
});

test('a warning counts once, however often it is given', async () => {
  const plugin: Plugin = { name: 'p', afterCell: (cell, _record: CellRecord) => cell.run.warn('careful') };
  const { events, onEvent } = recorder();
  const result = await experimentOf(() => 1, { replicates: 3, plugins: [plugin] }).run({ onEvent });
  expect(result.warnings).toEqual(['careful']);
  const warnings = events.filter((event) => event.type === 'warning');
  expect(warnings).toEqual([{ type: 'warning', message: 'careful' }]);
});
