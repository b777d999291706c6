import { describe, expect, test } from 'vitest';
import { isEvent, startCoordinator, startWorker } from './support/child.ts';
import { expectAll } from './support/expected.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

describe.skipIf(NO_REDIS)(`a run that is stopped${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('leaves no job on the queue, ends cells that are under way, and can be resumed', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using worker = startWorker({ ...queue, concurrency: 1, runtime: 'child_process' });
    const cells = { folder: folder.path, replicates: 4, waits: [1] };
    await using coordinator = startCoordinator(cells, queue);
    await worker.until(
      (line) => isEvent('cell:start')(line) && (line as { replicate: number }).replicate === 1,
    );
    // As with Ctrl-C: what is under way gets two seconds to end by itself.
    coordinator.process.stdin.end();
    expect(await coordinator.failure()).toContain('stopped by the test');
    await worker.until((line) => (line as { status?: string }).status === 'aborted');
    const keys = await redis.ask((client) => client.keys('*'));
    expect(keys.filter((key) => !/:(bell|workers|owner|definition|inbox)$/.test(key))).toEqual([]);
    await folder.release();
    await using resumed = startCoordinator(cells, queue, 'resume');
    expect(await resumed.result()).toMatchObject({ status: 'done', restored: 2 });
    await expectAll(folder, 4);
  });

  test('starts no further cell, also of those that wait on the queue', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using worker = startWorker({ ...queue, concurrency: 1 });
    const cells = { folder: folder.path, replicates: 20, takes: 200 };
    await using coordinator = startCoordinator(cells, queue);
    const started = () => worker.said.filter(isEvent('cell:start')).length;
    await worker.until(() => started() >= 3);
    const before = started();
    coordinator.process.stdin.end();
    expect(await coordinator.failure()).toContain('stopped by the test');
    // One may have begun before the queue had heard of the end.
    expect((await folder.ran()).length).toBeLessThanOrEqual(before + 1);
  });
});
