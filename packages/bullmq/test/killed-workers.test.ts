import { describe, expect, test } from 'vitest';
import { isEvent, startCoordinator, startWorker } from './support/child.ts';
import { expectAll } from './support/expected.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

const REPLICATES = 1000;
const LEASE = 1000;

/** Numbers from 0 to 1 that a seed decides. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe.skipIf(NO_REDIS)(`workers that are killed${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  const seed = Number(process.env['CRYSTALLIZE_SEED'] ?? 20_261_123);

  test(`leave each of 2,000 results exactly once, two of three killed at random moments (seed ${seed})`, async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    const random = randomNumbers(seed);
    const moments = [200 + random.next().value * 600, 1000 + random.next().value * 700].map(Math.round);
    const start = () => startWorker({ ...queue, concurrency: 2, lease: LEASE });
    await using first = start();
    await using second = start();
    await using third = start();
    await using coordinator = startCoordinator(
      { folder: folder.path, replicates: REPLICATES, takes: 1 },
      queue,
    );
    for (const [index, worker] of [first, second].entries()) {
      await coordinator.until(() => coordinator.said.length > (moments[index] ?? 0));
      await worker.kill();
    }
    expect(await coordinator.result()).toMatchObject({ status: 'done', executed: 2 * REPLICATES });
    const committed = coordinator.said.slice(0, -1);
    expect(committed).toHaveLength(2 * REPLICATES);
    expect(new Set(committed).size).toBe(2 * REPLICATES);
    expect(third.said.some(isEvent('cell:end'))).toBe(true);
    await expectAll(folder, REPLICATES);
  }, 90_000);

  test('a worker that was only paused leaves nothing of a cell that another has run meanwhile', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using paused = startWorker({ ...queue, concurrency: 1, lease: LEASE });
    await paused.until(isEvent('ready'));
    await using coordinator = startCoordinator({ folder: folder.path, replicates: 2, takes: 300 }, queue);
    await paused.until(isEvent('cell:start'));
    paused.process.kill('SIGSTOP');
    await using other = startWorker({ ...queue, concurrency: 1, lease: LEASE });
    // The last cell waits for the paused worker to be given up.
    expect(await coordinator.result()).toMatchObject({ status: 'done', executed: 4 });
    paused.process.kill('SIGCONT');
    await paused.until((line) => isEvent('cell:end')(line));
    expect(paused.said.filter(isEvent('cell:end'))).toEqual([expect.objectContaining({ status: 'aborted' })]);
    await expectAll(folder, 2);
    expect(other.said.filter(isEvent('cell:end'))).toHaveLength(4);
  });
});
