import { AsyncExecution } from '@crystallize/core';
import { expect, test } from 'vitest';
import { counting } from './support/caching.ts';

test('cells that are in flight at the same time wait for the one that is making what they need', async () => {
  const counted = counting(
    async (data) => {
      await new Promise((resolve) => setImmediate(resolve));
      return data;
    },
    { replicates: 6, plugins: [AsyncExecution({ concurrency: 6 })] },
  );
  await counted.experiment.run();
  expect(counted.runs).toBe(1);
});

test('those that need different results do not wait for one another, once it is known what they read', async () => {
  let together: PromiseWithResolvers<void> | undefined;
  let inside = 0;
  const counted = counting(
    async (_data, ctx) => {
      const { seed } = ctx;
      if (++inside === 4) together?.resolve();
      await together?.promise;
      return seed;
    },
    { replicates: 4, plugins: [AsyncExecution({ concurrency: 4 })] },
  );
  await counted.experiment.run();
  inside = 0;
  together = Promise.withResolvers();
  // Ends only when all four are in the step at the same time.
  await counted.experiment.run({ replicates: 8 });
  expect(counted.runs).toBe(8);
});

test('those that need the same wait for one another also when it is known what they read', async () => {
  const counted = counting(
    async (_data, ctx) => {
      await new Promise((resolve) => setImmediate(resolve));
      return ctx.seed;
    },
    { treatments: { a: { x: 1 }, b: { x: 2 } }, plugins: [AsyncExecution({ concurrency: 3 })] },
  );
  await counted.experiment.run();
  expect(counted.runs).toBe(1);
  await counted.experiment.run({ replicates: 3 });
  expect(counted.runs).toBe(2);
});

test('one that fails keeps nobody: those who waited for it run at once', async () => {
  let failed = false;
  const counted = counting(
    async (data) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (!failed) {
        failed = true;
        throw new Error('only the first');
      }
      return data;
    },
    { replicates: 4, plugins: [AsyncExecution({ concurrency: 4 })] },
  );
  const result = await counted.experiment.run();
  expect(result.errors).toHaveLength(1);
  expect(counted.runs).toBe(4);
});

test('a failed step is not kept', async () => {
  let fail = true;
  const counted = counting((data) => {
    if (fail) throw new Error('not yet');
    return data;
  });
  expect((await counted.experiment.run()).status).toBe('failed');
  fail = false;
  expect((await counted.experiment.run()).status).toBe('done');
  expect(counted.runs).toBe(2);
});

test('a cell that may take only so long waits for no other', async () => {
  const counted = counting(
    async (data) => {
      await new Promise((resolve) => setImmediate(resolve));
      return data;
    },
    { replicates: 4, plugins: [AsyncExecution({ concurrency: 4 })] },
  );
  await counted.experiment.run({ timeout: 20_000 });
  expect(counted.runs).toBe(4);
});
