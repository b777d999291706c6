import fc from 'fast-check';
import { describe, it } from 'vitest';
import { figures } from '../harness/figures.ts';
import { noteFigure } from '../harness/note-figure.ts';
import {
  compare,
  compareAfterCrash,
  isPossible,
  perform,
  performAndCompare,
  type StoreModel,
  type StoreOperation,
} from '../harness/store-model.ts';
import {
  fileStoreUnderTest,
  type Moment,
  memoryStoreUnderTest,
  type StoreUnderTest,
} from '../harness/store-under-test.ts';

const pairs = [
  ['a', 'c'],
  ['a', 'd/e'],
  ['a/b', 'c/b'],
  ['c', 'a'],
  ['d', 'a/b/f'],
  ['d/e', 'c'],
] as const;

const operations: fc.Arbitrary<StoreOperation> = fc
  .tuple(
    fc.constantFrom<StoreOperation['kind'][]>(
      'put',
      'putIfAbsent',
      'stream',
      'remove',
      'removeAll',
      'moveAll',
      'createLog',
      'append',
      'append',
    ),
    fc.constantFrom('a/x', 'a/y', 'a/b/z', 'c/x', 'c/b/z', 'd/e/w'),
    fc.constantFrom(...pairs),
    fc.string({ maxLength: 12, unit: 'binary-ascii' }),
  )
  .map(([kind, key, [folder, target], body]) => ({ kind, key, folder, target, body }));

const moments: fc.Arbitrary<Moment> = fc.record({
  progress: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.nat(),
});

type Command = fc.AsyncCommand<StoreModel, StoreUnderTest, true>;

class Do implements Command {
  readonly operation: StoreOperation;

  constructor(operation: StoreOperation) {
    this.operation = operation;
  }

  async check(): Promise<boolean> {
    return true;
  }

  async run(model: StoreModel, tested: StoreUnderTest): Promise<void> {
    if (isPossible(tested, this.operation)) await performAndCompare(model, tested, this.operation);
  }

  toString(): string {
    return JSON.stringify(this.operation);
  }
}

/** The power fails during an operation, or while nothing is going on. */
class Crash implements Command {
  readonly moment: Moment;
  readonly operation: StoreOperation | undefined;

  constructor(moment: Moment, operation: StoreOperation | undefined) {
    this.moment = moment;
    this.operation = operation;
  }

  async check(): Promise<boolean> {
    return true;
  }

  async run(model: StoreModel, tested: StoreUnderTest): Promise<void> {
    const { operation } = this;
    if (operation && !isPossible(tested, operation)) return;
    // What is refused does nothing, and so can't break off.
    const attempt = operation && (() => perform(tested, operation).catch(() => undefined));
    await tested.crash?.(this.moment, attempt);
    if (operation) await compareAfterCrash(model, tested, operation);
    else await compare(model, tested);
  }

  toString(): string {
    return `crash ${JSON.stringify([this.moment, this.operation])}`;
  }
}

const commands = (crashes: boolean) =>
  fc.commands<StoreModel, StoreUnderTest, true>(
    [
      operations.map((operation) => new Do(operation)),
      ...(crashes
        ? [fc.tuple(moments, fc.option(operations, { nil: undefined })).map((made) => new Crash(...made))]
        : []),
    ],
    { maxCommands: 50, size: 'max' },
  );

describe.each([
  ['in files, whose power fails,', fileStoreUnderTest, true],
  ['in memory', memoryStoreUnderTest, false],
] as const)('a store %s', (_name, make, crashes) => {
  it(
    `does what a map would do, ${figures.storeSequences} times up to 50 operations`,
    async () => {
      await fc.assert(
        fc.asyncProperty(commands(crashes), async (made) => {
          await fc.asyncModelRun(() => ({ model: new Map() as StoreModel, real: make() }), made);
        }),
        { numRuns: figures.storeSequences, seed: figures.seed },
      );
      noteFigure('sequences', figures.storeSequences);
    },
    figures.patience,
  );
});
