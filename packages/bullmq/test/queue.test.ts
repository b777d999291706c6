import { describe, expect, test } from 'vitest';
import { isEvent, startCoordinator, startWorker } from './support/child.ts';
import { expectAll } from './support/expected.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

describe.skipIf(NO_REDIS)(`a queue${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('gives what a serial run gives, with runs side by side, and is empty after them', async () => {
    await using redis = await RedisServer.start();
    const queue = { queue: 'cells', connection: redis.url };
    await using one = await WorkFolder.make();
    await using other = await WorkFolder.make();
    // One coordinator is there before the worker, the other comes later.
    await using first = startCoordinator({ folder: one.path, replicates: 60, takes: 10 }, queue);
    await using worker = startWorker({ ...queue, concurrency: 2 });
    await first.until(() => first.said.length > 0);
    await using second = startCoordinator({ folder: other.path, replicates: 40 }, queue);
    expect(await second.result()).toEqual({ status: 'done', executed: 80, restored: 0, warnings: [] });
    expect(await first.result()).toEqual({ status: 'done', executed: 120, restored: 0, warnings: [] });
    await expectAll(one, 60);
    await expectAll(other, 40);
    expect(await one.ran()).toHaveLength(120);
    worker.process.stdin.end();
    await worker.result();
    expect(worker.said.at(-1)).toEqual({ type: 'stopped' });
    expect(worker.said.filter(isEvent('cell:start'))).toHaveLength(200);
    expect(worker.said.filter(isEvent('cell:end'))).toHaveLength(200);
    expect(await redis.ask((client) => client.keys('*'))).toEqual(['{crystallize:cells}:bell']);
    expect(await redis.ask((client) => client.pttl('{crystallize:cells}:bell'))).toBeGreaterThan(0);
  });

  test('a worker that is stopped ends the cell that it has, and another goes on', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using stopped = startWorker({ ...queue, concurrency: 1 });
    await using coordinator = startCoordinator({ folder: folder.path, replicates: 4, takes: 150 }, queue);
    await stopped.until(isEvent('cell:start'));
    stopped.process.stdin.end();
    await stopped.result();
    const ends = stopped.said.filter(isEvent('cell:end'));
    expect(ends.length).toBeLessThan(8);
    for (const end of ends) expect(end).toMatchObject({ status: 'done' });
    await using _other = startWorker({ ...queue, concurrency: 2 });
    expect(await coordinator.result()).toMatchObject({ status: 'done', executed: 8 });
    expect(await folder.ran()).toHaveLength(8);
  });
});
