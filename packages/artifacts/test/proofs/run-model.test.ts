import fc from 'fast-check';
import { expect, it } from 'vitest';
import { figures } from '../harness/figures.ts';
import { noteFigure } from '../harness/note-figure.ts';
import { type RunModel, type RunRequest, RunsUnderTest } from '../harness/run-model.ts';
import type { Moment } from '../harness/store-under-test.ts';

const requests: fc.Arbitrary<RunRequest> = fc.record({
  strategy: fc.constantFrom('resume', 'resume', 'resume', 'rerun'),
  replicates: fc.integer({ min: 1, max: 3 }),
  factor: fc.constantFrom(2, 2, 3),
  broken: fc.subarray(['0 baseline', '1 scaled', '2 baseline'], { maxLength: 2 }),
  stopAfter: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined, freq: 2 }),
});

const moments: fc.Arbitrary<Moment> = fc.record({
  progress: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(),
});

class Run implements fc.AsyncCommand<RunModel, RunsUnderTest, true> {
  readonly request: RunRequest;
  readonly crash: Moment | undefined;

  constructor(request: RunRequest, crash: Moment | undefined) {
    this.request = request;
    this.crash = crash;
  }

  async check(): Promise<boolean> {
    return true;
  }

  async run(model: RunModel, runs: RunsUnderTest): Promise<void> {
    if (this.crash) await runs.crash(model, this.request, this.crash);
    else await runs.run(model, this.request);
  }

  toString(): string {
    return JSON.stringify([this.request, this.crash]);
  }
}

const sequences = fc.commands<RunModel, RunsUnderTest, true>(
  [
    requests.map((request) => new Run(request, undefined)),
    fc.tuple(requests, moments).map(([request, crash]) => new Run(request, crash)),
  ],
  { maxCommands: 8, size: 'max' },
);

it(
  `whatever is run, stopped, cut off, resumed, topped up and changed, the cells that are done are known (${figures.runSequences} sequences)`,
  async () => {
    let commands = 0;
    await fc.assert(
      fc.asyncProperty(sequences, async (made) => {
        commands += [...made].length;
        await fc.asyncModelRun(() => ({ model: new Map() as RunModel, real: new RunsUnderTest() }), made);
      }),
      { numRuns: figures.runSequences, seed: figures.seed },
    );
    noteFigure('sequences', figures.runSequences);
    expect(commands).toBeGreaterThan(figures.runSequences);
  },
  figures.patience,
);
