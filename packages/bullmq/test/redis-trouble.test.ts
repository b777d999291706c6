import { describe, expect, test } from 'vitest';
import { isEvent, startCoordinator, startWorker } from './support/child.ts';
import { expectAll } from './support/expected.ts';
import { freePort, NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

test('without Redis, run and worker end with how to start one', async () => {
  await using folder = await WorkFolder.make();
  const queue = { queue: 'cells', connection: `redis://someone:hidden@127.0.0.1:${await freePort()}` };
  await using coordinator = startCoordinator({ folder: folder.path, replicates: 1 }, queue);
  await using worker = startWorker({ ...queue, concurrency: 1 });
  for (const failure of [await coordinator.failure(), await worker.failure()]) {
    expect(failure).toContain('QUEUE_UNREACHABLE');
    expect(failure).toMatch(/Redis could not be reached at redis:\/\/127\.0\.0\.1:\d+ \(tried \d+ times in/);
    expect(failure).toContain('apt-get install redis-server');
    expect(failure).toContain('docker run');
    expect(failure).not.toContain('hidden');
  }
  expect(await folder.ran()).toEqual([]);
});

describe.skipIf(NO_REDIS)(`Redis${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('that refuses the login is named without the password', async () => {
    await using redis = await RedisServer.start('--requirepass', 'right');
    await using worker = startWorker({
      queue: 'cells',
      concurrency: 1,
      connection: redis.url.replace('//', '//:wrong@'),
    });
    const failure = await worker.failure();
    expect(failure).toContain(`Redis at ${redis.url} refused the login (WRONGPASS)`);
    expect(failure).not.toContain(':wrong@');
  });

  test.each([
    { name: 'with its data', options: ['--appendonly', 'yes'] },
    { name: 'without its data', options: [] },
  ])(
    'that is killed and comes back $name: the run goes on, with a warning, and every result is there',
    async ({ options }) => {
      await using redis = await RedisServer.start(...options);
      await using folder = await WorkFolder.make();
      const queue = { queue: 'cells', connection: redis.url };
      await using worker = startWorker({ ...queue, concurrency: 2, lease: 1000 });
      await using coordinator = startCoordinator({ folder: folder.path, replicates: 60, takes: 10 }, queue);
      await coordinator.until(() => coordinator.said.length >= 20);
      await redis.kill();
      await worker.until(isEvent('warning'));
      await redis.start();
      const result = (await coordinator.result()) as { readonly warnings: readonly string[] };
      expect(result).toMatchObject({ status: 'done', executed: 120 });
      expect(result.warnings).toEqual([
        expect.stringContaining(`The connection to Redis at ${redis.url} was lost`),
      ]);
      await expectAll(folder, 60);
    },
  );

  test('that does not come back ends the run, which can be resumed', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    const cells = { folder: folder.path, replicates: 10, takes: 50 };
    await using worker = startWorker({ ...queue, concurrency: 1, lease: 1000 });
    await using coordinator = startCoordinator(cells, { ...queue, reconnectFor: 500 });
    await coordinator.until(() => coordinator.said.length >= 3);
    await redis.kill();
    expect(await coordinator.failure()).toContain('QUEUE_LOST');
    await redis.start();
    await using resumed = startCoordinator(cells, queue, 'resume');
    expect(await resumed.result()).toMatchObject({ status: 'done' });
    await expectAll(folder, 10);
    expect(worker.process.exitCode).toBeNull();
  });

  test('that has lost a job is given its cells again', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    await using coordinator = startCoordinator({ folder: folder.path, replicates: 3 }, queue);
    await redis.ask(async (client) => {
      let jobs: readonly string[] = [];
      while (jobs.length < 6) jobs = (await client.keys('*-cells')).filter((key) => key.endsWith('-cells'));
      await client.del(...jobs.slice(2));
      const waiting = await client.keys('*:wait');
      for (const job of jobs.slice(2)) await client.lrem(waiting[0] ?? '', 0, job.split(':').at(-1) ?? '');
    });
    await using _worker = startWorker({ ...queue, concurrency: 1 });
    expect(await coordinator.result()).toMatchObject({ status: 'done', executed: 6 });
    expect(await folder.ran()).toHaveLength(6);
  });

  test('that may drop keys is warned of', async () => {
    await using redis = await RedisServer.start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    await using worker = startWorker({ queue: 'cells', concurrency: 1, connection: redis.url });
    await worker.until(isEvent('ready'));
    expect(worker.said).toContainEqual({
      type: 'warning',
      message: expect.stringContaining('maxmemory-policy allkeys-lru'),
    });
  });
});
