import { inspect } from 'node:util';
import { StorageError } from '@crystallize/core/storage';
import { afterAll, describe, expect, it } from 'vitest';
import { s3Store } from '../src/index.ts';
import { startFakeS3 } from './servers/fake-s3.ts';
import { openStore, storeOptions } from './servers/open-store.ts';

const fake = await startFakeS3();
fake.bucket('experiments');
afterAll(() => fake[Symbol.asyncDispose]());

const once = { clientConfig: { maxAttempts: 1 } };
const stranger = { accessKeyId: 'stranger', secretAccessKey: 'a-strangers-secret' };

describe('an error says what was found and what to do', () => {
  const cases: readonly (readonly [name: string, store: ReturnType<typeof openStore>, message: RegExp])[] = [
    ['a missing bucket', openStore(fake, { bucket: 'missing' }), /no such bucket\. Create it/],
    [
      'credentials nobody knows',
      openStore({ ...fake, credentials: stranger }),
      /does not know the access key\. Provide others/,
    ],
    [
      'a server that does not listen',
      openStore({ ...fake, endpoint: 'http://127.0.0.1:9' }, once),
      /nothing listens there\. Check the endpoint.*127\.0\.0\.1:9/,
    ],
    [
      'a host that does not exist',
      openStore({ ...fake, endpoint: 'http://store.invalid' }, once),
      /Check the endpoint/,
    ],
  ];

  it.each(cases)('%s', async (_name, store, message) => {
    for (const attempt of [
      () => store.put('a/b', Buffer.from('x')),
      () => store.get('a/b'),
      () => store.size('a/b'),
      () => store.children('a'),
      () => store.remove('a/b'),
      () => store.lock('a/lock'),
    ]) {
      const error: unknown = await attempt().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(StorageError);
      expect((error as Error).message).toMatch(message);
      const everything = inspect(error, { depth: 20, showHidden: true });
      expect(everything).not.toContain(fake.credentials.secretAccessKey);
      expect(everything).not.toContain(stranger.secretAccessKey);
      expect(everything).not.toMatch(/Signature=/);
    }
  });

  it('a key of more bytes than S3 takes', async () => {
    const name = 'ä'.repeat(60);
    const error = await openStore(fake)
      .put(Array.from({ length: 9 }, () => name).join('/'), Buffer.from('x'))
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StorageError);
    expect((error as Error).message).toMatch(/1024 bytes/);
  });
});

describe('options that are not what they should be', () => {
  it.each([
    [{ bucket: '' }, /name of a bucket/],
    [{ bucket: 'a/b' }, /Folders in it go into 'prefix'/],
    [{ bucket: 'b', prefix: '../up' }, /\.\./],
    [{ bucket: 'b', partSize: 1 }, /5 MiB/],
    [{ bucket: 'b', lease: 0 }, /milliseconds above 0/],
    [{ bucket: 'b', client: {} as never, region: 'x' }, /a client and region/],
  ])('%o', (options, message) => {
    expect(() => s3Store(options)).toThrow(message);
  });
});

it('a location has the place and no credentials', () => {
  const store = s3Store({ ...storeOptions(fake), prefix: 'team/a' });
  expect(store.location).toBe('s3://experiments/team/a');
});
