import { InvalidArgumentError } from '@crystallize/core/storage';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { s3StoreFromUrl } from '../src/index.ts';
import { startFakeS3 } from './servers/fake-s3.ts';

const fake = await startFakeS3();
const objects = fake.bucket('my-experiments');
afterAll(() => fake[Symbol.asyncDispose]());

describe('the URL of a store', () => {
  it('says where it is, and the environment who may use it', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', fake.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', fake.credentials.secretAccessKey);
    vi.stubEnv('AWS_REGION', undefined);
    const query = new URLSearchParams({ endpoint: fake.endpoint });
    const store = s3StoreFromUrl(`s3://my-experiments/team/a%20b?${query}`);
    await store.put('x', Buffer.from('1'));
    vi.unstubAllEnvs();
    expect(store.location).toBe('s3://my-experiments/team/a b');
    expect([...objects.keys()]).toContain('team/a b/x');
  });

  it.each([
    ['not a URL', /can't be read/],
    ['https://bucket/x', /not of the form s3:/],
    ['s3:///prefix', /not of the form s3:|can't be read/],
    ['s3://key:hidden-secret@bucket/x', /holds credentials before its @/],
    ['s3://bucket/x?secretAccessKey=hidden-secret', /holds credentials in a parameter/],
    ['s3://bucket/x?endpoint=http://a:hidden-secret@host', /holds credentials in its endpoint/],
    ['s3://bucket/x?endpoint=somewhere', /no address of a server/],
    ['s3://bucket/x?forcePathStyle=1', /neither 'true' nor 'false'/],
    ['s3://bucket/x?colour=red', /There are: endpoint, region, forcePathStyle/],
    ['s3://bucket/%zz', /can't be read|begins no character/],
    ['s3://bucket/a/../../b%2F..', /\.\./],
  ])('%s is refused, and nothing of it that is secret told', (url, message) => {
    const open = () => s3StoreFromUrl(url);
    expect(open).toThrow(message);
    expect(open).not.toThrow(/hidden-secret/);
    if (!url.includes('..')) expect(open).toThrow(InvalidArgumentError);
  });
});
