import { describe, expect, test } from 'vitest';
import { isEvent, startCoordinator, startWorker } from './support/child.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

describe.skipIf(NO_REDIS)(`a cell that fails on a worker${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('is a failed cell of the run, tried as often as it says, and the others are done', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using worker = startWorker({ ...queue, concurrency: 1 });
    await using coordinator = startCoordinator(
      { folder: folder.path, replicates: 4, failing: [2], retries: 2 },
      queue,
    );
    expect(await coordinator.result()).toMatchObject({
      status: 'failed',
      executed: 8,
      errors: [
        expect.stringContaining('Nothing comes of 2.'),
        expect.stringContaining('Nothing comes of 2.'),
      ],
    });
    const failed = worker.said.filter((line) => (line as { status?: string }).status === 'failed');
    expect(failed).toHaveLength(6);
    expect(failed[0]).toMatchObject({ type: 'cell:end', replicate: 2, error: 'Nothing comes of 2.' });
    expect((await folder.ran()).filter((cell) => cell === 'baseline/2')).toHaveLength(3);
  });

  test('by ending every worker that takes it fails alone, and says so', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    const cells = { folder: folder.path, replicates: 3, deadly: [1], conditions: ['baseline'] };
    await using coordinator = startCoordinator(cells, queue);
    const start = () => startWorker({ ...queue, concurrency: 1, lease: 500 });
    for (let lost = 0; lost < 4; lost++) {
      await using worker = start();
      await worker.failure();
      expect(worker.process.signalCode).toBe('SIGKILL');
    }
    await using last = start();
    expect(await coordinator.result()).toMatchObject({
      status: 'failed',
      executed: 3,
      errors: [expect.stringContaining('Each worker that took this cell was gone')],
    });
    expect(last.said.some(isEvent('refused'))).toBe(false);
    expect((await folder.ran()).filter((cell) => cell === 'baseline/1')).toHaveLength(4);
  });
});
