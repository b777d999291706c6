import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { type StoreFixture, storeConformance } from '@crystallize/artifacts/conformance';
import { afterAll, describe, it } from 'vitest';
import { experimentLaws } from './experiments/experiment-laws.ts';
import { missingCeph, startCeph } from './servers/ceph.ts';
import { faultsFor, startFaultyProxy } from './servers/faulty-proxy.ts';
import { openBucket, openStore, storeOptions, takeLockAway } from './servers/open-store.ts';

const missing = missingCeph();

if (missing !== undefined) {
  describe.skipIf(true)(`a real object store (${missing})`, () => it('is not here', () => {}));
} else {
  const ceph = await startCeph();
  const proxy = await startFaultyProxy(ceph);
  afterAll(() => Promise.all([proxy, ceph].map((server) => server[Symbol.asyncDispose]())));
  const { bucket: Bucket, ...config } = storeOptions(ceph);
  const client = new S3Client({ ...config, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket }));

  describe('experiments on Ceph', () => experimentLaws(ceph));

  storeConformance('s3Store on Ceph', async (): Promise<StoreFixture> => {
    const prefix = `stores/${randomUUID()}`;
    return {
      store: openStore(proxy, { prefix }),
      reopen: async () => openStore(ceph, { prefix }),
      takeLockAway: (key) => takeLockAway(openBucket(ceph, { prefix }), key),
      failNextAppend: () => {
        const isPiece = ({ method, path }: { method: string; path: string }) =>
          method === 'PUT' && path.includes(prefix) && path.includes('/.s3/log/');
        proxy.fault = faultsFor(isPiece, 500, 503, 500, 503);
      },
    };
  });
}
