import { randomUUID } from 'node:crypto';
import { type StoreFixture, storeConformance } from '@crystallize/artifacts/conformance';
import { afterAll } from 'vitest';
import { type FakeS3Options, startFakeS3 } from './servers/fake-s3.ts';
import { faultsFor, startFaultyProxy } from './servers/faulty-proxy.ts';
import { openBucket, openStore, takeLockAway } from './servers/open-store.ts';

const servers: readonly (readonly [name: string, options: FakeS3Options])[] = [
  ['a server that knows every condition', {}],
  [
    'a server that knows conditions only of single puts',
    { ignores: ['upload-if-none-match', 'delete-if-match'] },
  ],
];

for (const [name, options] of servers) {
  const fake = await startFakeS3(options);
  fake.bucket('experiments');
  const proxy = await startFaultyProxy(fake);
  afterAll(() => Promise.all([proxy, fake].map((server) => server[Symbol.asyncDispose]())));

  storeConformance(`s3Store on ${name}`, async (): Promise<StoreFixture> => {
    const prefix = `stores/${randomUUID()}`;
    return {
      store: openStore(proxy, { prefix }),
      reopen: async () => openStore(fake, { prefix }),
      takeLockAway: (key) => takeLockAway(openBucket(fake, { prefix }), key),
      failNextAppend: () => {
        const isPiece = ({ method, path }: { method: string; path: string }) =>
          method === 'PUT' && path.includes(prefix) && path.includes('/.s3/log/');
        // As often as it is tried again.
        proxy.fault = faultsFor(isPiece, 500, 503, 500, 503);
      },
    };
  });
}
