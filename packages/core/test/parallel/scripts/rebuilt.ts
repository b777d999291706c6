import { inspect } from 'node:util';
import {
  Artifact,
  CrystallizeError,
  datasource,
  Experiment,
  PipelineStep,
  pipelineStep,
  type StepContext,
  treatment,
} from '@crystallize/core';
import { executor, isMain, tell, workerId } from './support.ts';

// The main process goes there; its workers are there from the start.
process.chdir('..');

// What needs no serialising: closures, lambdas, loaders, classes, resources.
const secretFactor = Number(process.argv[3]);
tell('top level', {
  workerId,
  argv: process.argv.slice(2),
  env: process.env['FROM_MAIN'],
  cwd: process.cwd(),
});

class Reading {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  get doubled() {
    return this.value * 2;
  }
}

class Halving extends PipelineStep<Reading, Reading> {
  run(reading: Reading, ctx: StepContext) {
    ctx.record('is a Reading', reading instanceof Reading);
    return new Reading(reading.doubled / 4);
  }
}

class SensorError extends RangeError {
  readonly sensor: string;
  override readonly name = 'SensorError';
  constructor(sensor: string, cause: unknown) {
    super(`the sensor ${sensor} is broken`, { cause });
    this.sensor = sensor;
  }
}

let lastOpened = 0;
let tornDown = 0;
const opened = pipelineStep({
  name: 'opened',
  setup: () => ({ number: ++lastOpened, readings: new Map([['offset', secretFactor]]) }),
  teardown: () => tell('torn down', { workerId, times: ++tornDown }),
  run(reading: Reading, ctx, _params, { number, readings }) {
    ctx.record('resource', number);
    ctx.add('offset', readings.get('offset'));
    return reading;
  },
});

const report = new Artifact('report.txt');
const values = pipelineStep({
  name: 'values',
  params: { scale: (value: number) => value, label: 'none' },
  async run(reading: Reading, ctx, { scale, label }) {
    ctx.record('scaled', (scale as (value: number) => number)(reading.value) * secretFactor, {
      label,
      even: ctx.replicate % 2 === 0,
    });
    ctx.record('rng', [ctx.rng.next(), ctx.rng.normal(), ctx.seed]);
    ctx.record('special', [Number.NaN, -0, Infinity, undefined, null]);
    ctx.record('bigint', 2n ** 80n);
    ctx.record('date', new Date(0));
    ctx.record('map', new Map<unknown, unknown>([[1n, new Set(['a'])]]));
    ctx.record('typed', [new Float64Array([Number.NaN, -0, 1.5]), new BigInt64Array([1n]), Buffer.from('x')]);
    await report.write(`replicate ${ctx.replicate} of ${ctx.condition}`);
    if (ctx.replicate === 2) throw new SensorError('s2', new TypeError('no current'));
    if (ctx.replicate === 3) throw new CrystallizeError('ARTIFACT_NOT_FOUND', 'nothing there');
    if (ctx.replicate === 4) throw 'just a text';
    return reading.value;
  },
});

const experiment = new Experiment({
  name: 'rebuilt',
  datasource: datasource((ctx) => new Reading(ctx.rng.int(1, 100) + ctx.replicate)),
  pipeline: [new Halving(), opened(), values()],
  treatments: [
    treatment('negated', { scale: (value: number) => -value }),
    treatment('late', (ctx) => ctx.add('label', `at ${ctx.replicate}`)),
    treatment('elsewhere', {}, { datasource: datasource(() => new Reading(secretFactor)) }),
  ],
  replicates: 6,
  seed: 11,
  plugins: [executor()],
});
const result = await experiment.run();

if (isMain) {
  tell(
    'rows',
    inspect(
      [...result.rows()].filter(({ metric }) => metric !== 'resource'),
      { depth: 9, maxArrayLength: 999 },
    ),
  );
  tell('resources', [...new Set(result.baseline.metrics['resource'])]);
  tell('artifacts', await Promise.all(result.artifacts.map((file) => file.text())));
  for (const { cause, replicate, condition, step, message } of result.errors) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    tell('errors', {
      ...{ replicate, condition, step, message },
      text: error.message,
      cause: String(error.cause),
      code: (error as { code?: string }).code,
      sensor: (error as Partial<SensorError>).sensor,
      keys: Object.keys(error).filter((key) => key !== 'name'),
      // What is no error has no stack, and no class.
      ...(error === cause && error.name !== 'Thrown'
        ? {
            name: error.name,
            printed: String(error),
            stack: error.stack?.split('\n').slice(0, 2),
            classes: [RangeError, TypeError, CrystallizeError].map((type) => error instanceof type),
          }
        : {}),
    });
  }
  tell('warnings', result.warnings);
}
