import {
  type CellFailedError,
  CellTimeoutError,
  CrystallizeError,
  datasource,
  Experiment,
  pipelineStep,
  WorkerDiedError,
} from '@crystallize/core';
import { executor, isMain, mode, tell } from './support.ts';

// Whatever a cell does to its worker, by its replicate. All others must be there in the end.

class OddError extends TypeError {}

const deaths: readonly (readonly [name: string, act: () => unknown])[] = [
  ['exit', () => process.exit(3)],
  ['exit later', () => new Promise(() => setImmediate(() => process.exit()))],
  ['thrown in a timer', () => new Promise(() => setImmediate(() => thrown()))],
  ['unhandled rejection', () => (void Promise.reject(new OddError('nobody waits')), new Promise(() => {}))],
  ['loop', loop],
  ['never settles', () => new Promise(() => {})],
  ...(mode === 'child_process' ? ([['kill', kill]] as const) : []),
];

function loop(): never {
  for (;;);
}

function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}

function thrown(): never {
  throw new OddError('from a timer');
}

const before = pipelineStep({
  name: 'before',
  run: (replicate: number, ctx) => {
    ctx.record('begun', replicate);
    return replicate;
  },
});
const dies = pipelineStep({
  name: 'dies',
  async run(replicate: number, ctx) {
    const [, act] = replicate % 2 === 1 ? (deaths[(replicate - 1) / 2] ?? []) : [];
    await act?.();
    ctx.record('survived', replicate);
    return replicate;
  },
});

const experiment = new Experiment({
  name: 'dying',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [before(), dies()],
  replicates: 2 * deaths.length,
  plugins: [executor()],
});
const settingUp = new Experiment({
  name: 'exit in setup',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [
    before(),
    pipelineStep({ name: 'opened', setup: () => process.exit(7), run: (data: number) => data })(),
  ],
  plugins: [executor(1)],
});

/** When all its cells are done. */
const tearingDown = (name: string, teardown: () => Promise<void>) =>
  new Experiment({
    name,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [pipelineStep({ name: 'opened', setup: () => 1, run: (data: number) => data, teardown })()],
    plugins: [executor(1)],
  });
const tearingsDown = [
  tearingDown('exit in teardown', async () => process.exit(5)),
  tearingDown('thrown in teardown', () => new Promise(() => setImmediate(thrown))),
];

/** Cells so small that a worker has many of them before it: one of them ends it. */
const small = (name: string, act: () => void) =>
  new Experiment({
    name,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [
      pipelineStep({
        name: 'tiny',
        run: (replicate: number, ctx) => {
          if (replicate === 1234) act();
          ctx.record('tiny', replicate);
        },
      })(),
    ],
    replicates: 2000,
    plugins: [executor()],
  });
const smalls = [
  small('exits', () => process.exit(1)),
  small('throws later', () => void setImmediate(thrown)),
  mode === 'child_process' ? small('kill', kill) : small('loop', loop),
];

if (isMain) {
  tell(
    'deaths',
    deaths.map(([name]) => name),
  );
  const [result, setUp] = await Promise.all([experiment.run({ timeout: 400 }), settingUp.run()]);
  for (const { replicate, step, cause } of result.errors as readonly (CellFailedError & {
    readonly cause: WorkerDiedError;
  })[]) {
    const thrown = cause.cause instanceof Error ? cause.cause : undefined;
    tell('errors', {
      name: deaths[(replicate - 1) / 2]?.[0],
      step,
      code: cause.code,
      message: cause.message,
      cause: thrown && String(thrown),
      // Where in this file it came to pass.
      at: /dying\.ts/.exec(thrown?.stack ?? '')?.[0],
      classes: [CrystallizeError, WorkerDiedError, CellTimeoutError].map((type) => cause instanceof type),
      causeClasses: [TypeError, CrystallizeError].map((type) => thrown instanceof type),
    });
  }
  tell('survived', result.baseline.metrics['survived']);
  tell(
    'setup',
    setUp.errors.map(({ step, cause }) => [step, (cause as Error).message]),
  );
  for (const one of tearingsDown) {
    const { status, warnings } = await one.run();
    tell('tearing down', [one.name, status, warnings]);
  }
  for (const one of smalls) {
    const { errors, baseline, warnings } = await one.run({ timeout: 300 });
    tell('small', {
      name: one.name,
      failed: errors.map(({ replicate, step, cause }) => [replicate, step, (cause as CrystallizeError).code]),
      done: baseline.metrics['tiny']?.length,
      warnings,
    });
  }
}
