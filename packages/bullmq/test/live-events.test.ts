import { describe, expect, test } from 'vitest';
import { Child, startWorker } from './support/child.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

describe.skipIf(NO_REDIS)(`the events of a run on a queue${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('are all told, those of a cell before its end, also of the last', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using _worker = startWorker({ ...queue, concurrency: 2 });
    await using listener = new Child('listener.ts', { folder: folder.path, replicates: 10 }, queue);
    const told = Object.values((await listener.result()) as Record<string, readonly string[]>);
    const inOrder = ['cell:start', 'step:start', 'artifact:written', 'step:end', 'cell:end'];
    expect(told).toEqual(Array.from({ length: 20 }, () => inOrder));
  });
});
