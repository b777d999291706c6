import {
  Artifact,
  AsyncExecution,
  Experiment,
  ExperimentInvalidError,
  hypothesis,
  pipelineStep,
  SerialExecution,
  treatment,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { rejection, replicateIndex, score } from './support/experiments.ts';

const sound = { datasource: replicateIndex(), pipeline: [score()] } as const;

/** As a caller without types would write it. */
const untyped = (definition: object) => new Experiment(definition as never);

const verifier = () => ({ pValue: 1 });

const faults: readonly (readonly [string, object, RegExp])[] = [
  ['no datasource', { pipeline: [score()] }, /no datasource/],
  ['a function as datasource', { ...sound, datasource: () => 1 }, /a function\. Wrap/],
  ['an object without fetch as datasource', { ...sound, datasource: {} }, /without a fetch/],
  ['an empty pipeline', { ...sound, pipeline: [] }, /pipeline is empty/],
  ['no pipeline', { datasource: replicateIndex() }, /this is missing/],
  ['a factory that was not called', { ...sound, pipeline: [score] }, /Call it: score\(\)/],
  ['something else as a step', { ...sound, pipeline: [5] }, /step 0 of the pipeline is a number/],
  ['two steps of one name', { ...sound, pipeline: [score(), score()] }, /two steps are named 'score'/],
  ['an unsafe name', { ...sound, name: '../x' }, /'\.\.\/x'/],
  ['a name that is no string', { ...sound, name: 5 }, /must be a string/],
  [
    'a reserved name of a step',
    { ...sound, pipeline: [score({}, { name: 'replicate_0' })] },
    /'replicate_0'/,
  ],
  ['an unsafe name of a treatment', { ...sound, treatments: [treatment('a/b', { k: 1 })] }, /'a\/b'/],
  [
    'a reserved name of a treatment',
    { ...sound, treatments: [treatment('results.json', { k: 1 })] },
    /'results\.json'/,
  ],
  ['an unsafe name of an output', { ...sound, outputs: [new Artifact('../x')] }, /'\.\.\/x'/],
  [
    'two outputs of one name',
    { ...sound, outputs: [new Artifact('a'), new Artifact('a')] },
    /two outputs are named 'a'/,
  ],
  [
    'an output that is a folder of another',
    { ...sound, outputs: [new Artifact('a/B/c'), new Artifact('x'), new Artifact('a/b')] },
    /the output 'a\/b' would be a file, and for the output 'a\/B\/c' a folder/,
  ],
  [
    'outputs whose folders differ in case only',
    { ...sound, outputs: [new Artifact('A/b'), new Artifact('a/c')] },
    /the outputs 'A\/b' and 'a\/c' would share a folder.*Write 'A' the same way/,
  ],
  [
    'two treatments of one name',
    { ...sound, treatments: [treatment('a', { k: 1 }), treatment('a', { k: 2 })] },
    /two treatments are named 'a'/,
  ],
  [
    'treatments that share a folder',
    { ...sound, treatments: [treatment('a', { k: 1 }), treatment('A', { k: 2 })] },
    /'a' and 'A'/,
  ],
  [
    'a treatment that shares the folder of the baseline',
    { ...sound, treatments: [treatment('Baseline', { k: 1 })] },
    /'Baseline'/,
  ],
  ['a treatment without values', { ...sound, treatments: [{ name: 'a' }] }, /neither values nor a function/],
  ['a treatment whose values are no object', { ...sound, treatments: { a: 5 } }, /'a'/],
  ['treatments that are no list', { ...sound, treatments: 5 }, /treatments is a list/],
  ['something else as a treatment', { ...sound, treatments: [null] }, /treatment 0/],
  ['zero replicates', { ...sound, replicates: 0 }, /replicates .* 0\./],
  ['half a replicate', { ...sound, replicates: 1.5 }, /1\.5/],
  ['a text as replicates', { ...sound, replicates: '3' }, /replicates/],
  ['a seed that is no whole number', { ...sound, seed: 0.5 }, /seed .* 0\.5/],
  ['an unknown option', { ...sound, replicate: 3 }, /'replicate' is not an option/],
  [
    'hypotheses without treatments',
    { ...sound, hypotheses: [hypothesis({ metrics: 'score', verifier })] },
    /no treatments/,
  ],
  [
    'hypotheses with a baseline alone',
    {
      ...sound,
      treatments: [treatment('baseline', { k: 1 })],
      hypotheses: [hypothesis({ metrics: 'score', verifier })],
    },
    /no treatments/,
  ],
  [
    'two hypotheses of one name',
    {
      ...sound,
      treatments: { a: { k: 1 } },
      hypotheses: [hypothesis({ metrics: 's', verifier }), hypothesis({ metrics: 's', verifier })],
    },
    /two hypotheses are named 's'/,
  ],
  [
    'groups of metrics without a ranker',
    {
      ...sound,
      treatments: { a: { k: 1 } },
      hypotheses: [hypothesis({ metrics: [['s'], ['t']], verifier })],
    },
    /needs a ranker/,
  ],
  [
    'a hypothesis without metrics',
    { ...sound, treatments: { a: { k: 1 } }, hypotheses: [hypothesis({ name: 'h', metrics: [], verifier })] },
    /no metric/,
  ],
  [
    'something else as a hypothesis',
    { ...sound, treatments: { a: { k: 1 } }, hypotheses: [{ name: 'h', metrics: 's', verifier }] },
    /hypothesis 0/,
  ],
  ['hypotheses that are no list', { ...sound, hypotheses: {} }, /hypotheses is a list/],
  ['a plugin without a name', { ...sound, plugins: [{}] }, /plugin 0/],
  [
    'two plugins of one name',
    { ...sound, plugins: [{ name: 'p' }, { name: 'p' }] },
    /two plugins are named 'p'/,
  ],
  ['an initialContext that is no object', { ...sound, initialContext: 5 }, /initialContext is an object/],
];

test.each(faults)('%s is told before anything runs', async (_what, definition, message) => {
  const experiment = untyped(definition);
  const error = (await rejection(experiment.validate())) as ExperimentInvalidError;
  expect(error).toBeInstanceOf(ExperimentInvalidError);
  expect(error.code).toBe('EXPERIMENT_INVALID');
  expect(error.message).toMatch(message);
  expect(((await rejection(experiment.run())) as Error).message).toBe(error.message);
});

test('a definition that is no object is told too', async () => {
  expect(((await rejection(untyped(undefined as never).validate())) as Error).message).toContain(
    'a definition is an object',
  );
});

test('a sound experiment has nothing to tell', async () => {
  await expect(untyped(sound).validate()).resolves.toBeUndefined();
  await expect(
    untyped({ ...sound, plugins: [SerialExecution(), new AsyncExecution()] }).validate(),
  ).resolves.toBeUndefined();
});

test('everything that is wrong is told at once', async () => {
  const experiment = untyped({
    name: '..',
    pipeline: [],
    replicates: -1,
    bogus: 1,
    plugins: [{ name: 'p', validate: () => ['no.'] }],
  });
  const error = (await rejection(experiment.validate())) as ExperimentInvalidError;
  expect(error.problems.length).toBe(6);
  for (const problem of error.problems) expect(error.message).toContain(problem);
});

test.each([
  ['returned', () => ['the disk is full.']],
  ['returned later', async () => ['the disk is full.']],
  [
    'thrown',
    () => {
      throw new Error('the disk is full.');
    },
  ],
])("a plugin's own complaint is told when it is %s", async (_how, validate) => {
  const experiment = new Experiment({ ...sound, plugins: [{ name: 'keeper', validate }] });
  expect(((await rejection(experiment.run())) as Error).message).toContain(
    "plugin 'keeper': the disk is full.",
  );
});

test('a plugin validates what the experiment is', async () => {
  const seen: unknown[] = [];
  const plugin = { name: 'p', validate: (info: unknown) => void seen.push(info) };
  const experiment = new Experiment({ ...sound, name: 'n', description: 'd', plugins: [plugin] });
  await experiment.validate();
  expect(seen).toEqual([experiment.info]);
  expect(experiment.info).toMatchObject({
    name: 'n',
    description: 'd',
    directory: 'n',
    steps: ['score'],
    outputs: [],
  });
});

const badOptions: readonly (readonly [object, RegExp])[] = [
  [{ replicate: 3 }, /'replicate' is not an option of run/],
  [{ replicates: 0 }, /replicates/],
  [{ strategy: 'again' }, /strategy is 'rerun' or 'resume'/],
  [{ timeout: 0 }, /timeout/],
  [{ timeout: Number.NaN }, /timeout/],
  [{ retries: -1 }, /retries/],
  [{ retries: { times: 0.5 } }, /retries/],
  [{ seed: 1.5 }, /seed/],
  [{ treatments: ['nope'] }, /no treatment 'nope'.*'a'/],
  [{ treatments: { t1: { k: 3 } } }, /the treatments of run\(\) are a list/],
];

test.each(badOptions)('the option %j of run() is refused', async (options, message) => {
  const experiment = new Experiment({ ...sound, treatments: { a: { k: 1 } } });
  const error = (await rejection(experiment.run(options as never))) as Error;
  expect(error).toBeInstanceOf(ExperimentInvalidError);
  expect(error.message).toMatch(message);
});

test('resume without a plugin that restores is an error that says so', async () => {
  const error = await rejection(new Experiment(sound).run({ strategy: 'resume' }));
  expect(error).toMatchObject({ code: 'RESUME_UNSUPPORTED', message: expect.stringContaining('rerun') });
});

test('a faulty experiment can be constructed, so that its module can be imported', () => {
  expect(() => untyped({})).not.toThrow();
  const loop = pipelineStep({ name: 'loop', run: (x: number) => x });
  expect(() => untyped({ pipeline: loop })).not.toThrow();
});
