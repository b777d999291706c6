import { hash, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreUnsuitableError } from '../src/index.ts';
import { type FakeS3, type FakeS3Options, startFakeS3 } from './servers/fake-s3.ts';
import { faultsFor, type PassingRequest, startFaultyProxy } from './servers/faulty-proxy.ts';
import { openStore } from './servers/open-store.ts';

const mebibyte = 1024 * 1024;
const servers: AsyncDisposable[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

async function start(options?: FakeS3Options): Promise<FakeS3> {
  const fake = await startFakeS3(options);
  servers.push(fake);
  fake.bucket('experiments');
  return fake;
}

async function* streamOf(size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; left -= mebibyte) yield Buffer.alloc(Math.min(left, mebibyte), 3);
}

describe('a server that ignores If-None-Match', () => {
  it('is refused before anything is written, with what to do', async () => {
    const store = openStore(await start({ ignores: ['put-if-none-match'] }));
    for (const attempt of [
      () => store.put('a/b', Buffer.from('x')),
      () => store.createLog('a/log'),
      () => store.lock('a/lock'),
    ]) {
      await expect(attempt()).rejects.toBeInstanceOf(StoreUnsuitableError);
      await expect(attempt()).rejects.toMatchObject({ code: 'STORE_UNSUITABLE' });
      await expect(attempt()).rejects.toThrow(/ignores 'If-None-Match: \*'.*Use a server that heeds it/);
    }
    expect(await store.children('')).toEqual([]);
  });

  it('is found out by one request where a store was used before, and by none for reading', async () => {
    const fake = await start();
    const proxy = await startFaultyProxy(fake);
    servers.push(proxy);
    const prefix = randomUUID();
    await openStore(fake, { prefix }).put('a/b', Buffer.from('x'));
    await openStore(proxy, { prefix }).get('a/b');
    expect(proxy.requests).toEqual([`GET /experiments/${prefix}/a/b`]);
    await openStore(proxy, { prefix }).put('a/c', Buffer.from('x'), { ifAbsent: true });
    expect(proxy.requests.slice(1)).toEqual([
      `PUT /experiments/${prefix}/.s3/probe/if-none-match`,
      `HEAD /experiments/${prefix}/.s3/probe/if-none-match`,
      `PUT /experiments/${prefix}/a/c`,
    ]);
  });
});

describe('a server that ignores it at the end of an upload in parts', () => {
  it('is sent a stream in one request, under the condition', async () => {
    const fake = await start({ ignores: ['upload-if-none-match'] });
    const proxy = await startFaultyProxy(fake);
    servers.push(proxy);
    const store = openStore(proxy, { partSize: 5 * mebibyte });
    await store.put('large', streamOf(11 * mebibyte), { ifAbsent: true });
    expect(await store.size('large')).toBe(11 * mebibyte);
    expect(proxy.requests.filter((request) => request.endsWith('/large'))).toEqual([
      'PUT /experiments/large',
      'HEAD /experiments/large',
    ]);
    await expect(store.put('large', streamOf(6 * mebibyte), { ifAbsent: true })).rejects.toMatchObject({
      code: 'OBJECT_EXISTS',
    });
    expect(await store.size('large')).toBe(11 * mebibyte);
    const isPut = ({ method, path }: PassingRequest) => method === 'PUT' && path.endsWith('/again');
    proxy.fault = faultsFor(isPut, 503, 'break-before', 'lose-answer');
    const stored = await store.put('again', streamOf(11 * mebibyte), { ifAbsent: true });
    expect(stored.sha256).toBe(hash('sha256', (await store.get('again')) ?? ''));
    await store.remove('again');
    expect(await store.children('')).toEqual([{ name: 'large', kind: 'object' }]);
  });
});

it('a server that heeds it is sent parts, and a key that is taken at their end stays as it is', async () => {
  const fake = await start();
  const store = openStore(fake, { partSize: 5 * mebibyte });
  await store.put('large', streamOf(6 * mebibyte), { ifAbsent: true });
  await expect(store.put('large', streamOf(11 * mebibyte), { ifAbsent: true })).rejects.toMatchObject({
    code: 'OBJECT_EXISTS',
  });
  expect(await store.size('large')).toBe(6 * mebibyte);
  expect(fake.uploads.size).toBe(0);
});
