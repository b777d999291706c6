import { describe, expect, test } from 'vitest';
import { isEvent, startCoordinator, startWorker } from './support/child.ts';
import { expectAll } from './support/expected.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

describe.skipIf(NO_REDIS)(`a coordinator that is killed${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('is gone on with by a resume, which takes what workers have finished meanwhile', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    const cells = { folder: folder.path, replicates: 20, takes: 60 };
    await using worker = startWorker({ ...queue, concurrency: 1 });
    await using coordinator = startCoordinator(cells, queue);
    await coordinator.until(() => coordinator.said.length >= 5);
    await coordinator.kill();
    const committed = coordinator.said.length;
    // Nobody commits these.
    const ended = () => worker.said.filter(isEvent('cell:end')).length;
    await worker.until(() => ended() >= committed + 8);
    const before = ended();
    await using resumed = startCoordinator(cells, queue, 'resume');
    expect(await resumed.result()).toMatchObject({ status: 'done' });
    await expectAll(folder, 20);
    // What ran twice is at most the cell that was under way when the run was taken over, and one that began
    // before the worker had heard of that.
    expect((await folder.ran()).length).toBeLessThanOrEqual(42);
    expect(before).toBeLessThan(40);
    const keys = await redis.ask((client) => client.keys('*'));
    expect(keys.sort()).toEqual(['{crystallize:cells}:bell', '{crystallize:cells}:workers']);
  });
});
