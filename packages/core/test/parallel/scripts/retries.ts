import { appendFileSync, readFileSync } from 'node:fs';
import { Artifact, CellTimeoutError, datasource, Experiment, pipelineStep } from '@crystallize/core';
import { executor, isMain, tell } from './support.ts';

// Retries and timeouts, the same wherever cells run.

const tries = process.argv[3] ?? '';

class BusyError extends Error {
  override readonly name = 'BusyError';
  readonly code = 'BUSY';
}

const report = new Artifact('try.txt');
const flaky = pipelineStep({
  name: 'flaky',
  async run(replicate: number, ctx) {
    // Counted in a file: a try may run in another worker than the one before.
    appendFileSync(`${tries}-${replicate}`, '.');
    const number = readFileSync(`${tries}-${replicate}`, 'utf8').length;
    ctx.record('try', number);
    ctx.record('rng', ctx.rng.next());
    await report.write(`try ${number}`);
    if (number === 1) await new Artifact('first.txt').write('only once');
    if (replicate === 0 && number < 3) throw new BusyError(`try ${number}`);
    if (replicate === 1) throw new RangeError('for ever', { cause: new BusyError('inner') });
    if (replicate === 2 && number === 1) await new Promise(() => {});
    if (replicate === 3) throw new TypeError('not worth it');
    return replicate;
  },
});
const experiment = new Experiment({
  name: 'flaky',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [flaky()],
  replicates: 5,
  seed: 8,
  plugins: [executor()],
});

if (isMain) {
  const asked: string[] = [];
  const delays: number[] = [];
  const result = await experiment.run({
    timeout: 500,
    retries: {
      times: 2,
      delay: (retry) => {
        delays.push(retry);
        return retry;
      },
      when: (error) => {
        const { name, message, code, cause } = error as BusyError;
        const classes = [RangeError, TypeError, CellTimeoutError].map((type) => error instanceof type);
        asked.push(JSON.stringify([name, message, code, String(cause), classes, isMain]));
        return !(error instanceof TypeError);
      },
    },
  });
  tell('asked', asked.sort());
  tell('delays', delays.sort());
  tell(
    'cells',
    result.baseline.cells.map(({ attempts, status, metrics, artifacts }) => [
      ...[attempts, status],
      metrics.map(({ metric, value }) => [metric, value]),
      artifacts.map(({ name, sha256 }) => [name, sha256]),
    ]),
  );
  tell('texts', await Promise.all(result.artifacts.map((file) => file.text())));
  tell(
    'errors',
    result.errors.map(({ message }) => message),
  );
}
