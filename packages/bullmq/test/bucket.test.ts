import { openRuns } from '@crystallize/artifacts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startFakeS3 } from '../../store-s3/test/servers/fake-s3.ts';
import { openStore } from '../../store-s3/test/servers/open-store.ts';
import { Child, startWorker } from './support/child.ts';
import { serialValues } from './support/expected.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

const REPLICATES = 30;

describe.skipIf(NO_REDIS)(
  `a queue whose runs are kept in a bucket${NO_REDIS ? ` (${NO_REDIS})` : ''}`,
  () => {
    afterEach(() => vi.unstubAllEnvs());

    test('has every result in it once, also when a worker and the coordinator were killed', async () => {
      await using s3 = await startFakeS3();
      const objects = s3.bucket('experiments');
      vi.stubEnv('AWS_ACCESS_KEY_ID', s3.credentials.accessKeyId);
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.credentials.secretAccessKey);
      await using redis = await RedisServer.start();
      await using folder = await WorkFolder.make();
      const queue = { queue: 'cells', connection: redis.url };
      const cells = { folder: folder.path, replicates: REPLICATES, takes: 20, endpoint: s3.endpoint };
      const start = (strategy: string) =>
        new Child('coordinator.ts', cells, queue, strategy, './cells-in-bucket.ts');
      await using worker = startWorker({ ...queue, concurrency: 1, lease: 1000 });
      await using killed = startWorker({ ...queue, concurrency: 1, lease: 1000 });
      await using first = start('rerun');
      await first.until(() => first.said.length >= 10);
      await Promise.all([killed.kill(), first.kill()]);
      const committed = first.said.length;
      await using resumed = start('resume');
      const result = (await resumed.result()) as { readonly executed: number; readonly restored: number };
      expect(result).toMatchObject({ status: 'done', warnings: [] });
      expect(result.executed + result.restored).toBe(2 * REPLICATES);
      expect(result.restored).toBeGreaterThanOrEqual(committed);
      worker.process.stdin.end();
      await worker.result();

      const serial = await serialValues(REPLICATES);
      const read = (key: string) => JSON.parse(String(objects.get(`team/cells/v0/${key}`)?.bytes));
      for (const condition of ['baseline', 'more'] as const) {
        expect(read(`${condition}/results.json`).metrics.value).toEqual(serial[condition]);
        const files = serial[condition].map((_, replicate) =>
          read(`replicate_${replicate}/${condition}/value/value.json`),
        );
        expect(files).toEqual(serial[condition]);
      }
      const store = openStore(s3, { prefix: 'team' });
      expect((await openRuns({ store }).verify()).faults).toEqual([]);
    });
  },
);
