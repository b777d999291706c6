import { randomUUID } from 'node:crypto';
import { StorageError } from '@crystallize/core/storage';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeS3, startFakeS3 } from './servers/fake-s3.ts';
import {
  type Fault,
  type FaultyProxy,
  faultsFor,
  type PassingRequest,
  startFaultyProxy,
} from './servers/faulty-proxy.ts';
import { openBucket, openStore, takeLockAway } from './servers/open-store.ts';

const mebibyte = 1024 * 1024;
const fake: FakeS3 = await startFakeS3();
const objects = fake.bucket('experiments');
const proxy: FaultyProxy = await startFaultyProxy(fake);
afterAll(() => Promise.all([proxy, fake].map((server) => server[Symbol.asyncDispose]())));
beforeEach(() => {
  proxy.fault = () => undefined;
});

const newStore = () => openStore(proxy, { prefix: randomUUID(), partSize: 5 * mebibyte });
const puts =
  (key: string) =>
  ({ method, path }: PassingRequest) =>
    method === 'PUT' && path.endsWith(key);
const everything: readonly Fault[] = ['break-before', 'lose-answer', 500, 503];

async function* streamOf(size: number, fill = 7): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; left -= mebibyte) yield Buffer.alloc(Math.min(left, mebibyte), fill);
}

describe('a request that fails on its way is made again', () => {
  it.each(everything)('an object is published once, and its writer told so, after: %s', async (fault) => {
    const store = newStore();
    proxy.fault = faultsFor(puts('a/b'), fault);
    await store.put('a/b', Buffer.from('mine'), { ifAbsent: true });
    expect(Buffer.from((await store.get('a/b')) ?? '').toString()).toBe('mine');
    await expect(store.put('a/b', Buffer.from('mine'), { ifAbsent: true })).rejects.toMatchObject({
      code: 'OBJECT_EXISTS',
    });
  });

  it('an object of another writer is not taken for its own, though the answer was lost', async () => {
    const store = newStore();
    await store.put('a/b', Buffer.from('same bytes'), { ifAbsent: true });
    proxy.fault = faultsFor(puts('a/b'), 'lose-answer');
    await expect(store.put('a/b', Buffer.from('same bytes'), { ifAbsent: true })).rejects.toMatchObject({
      code: 'OBJECT_EXISTS',
    });
  });

  it.each(everything)(
    'an upload in parts is finished, after its parts and its end met: %s',
    async (fault) => {
      const store = newStore();
      const isPart = ({ query }: PassingRequest) => query.get('partNumber') === '2';
      const isEnd = ({ method, query }: PassingRequest) => method === 'POST' && query.has('uploadId');
      const [part, end] = [faultsFor(isPart, fault), faultsFor(isEnd, fault)];
      await store.put('warm', streamOf(6 * mebibyte), { ifAbsent: true });
      proxy.fault = (request) => part(request) ?? end(request);
      const stored = await store.put('large', streamOf(12 * mebibyte), { ifAbsent: true });
      expect(stored.size).toBe(12 * mebibyte);
      expect(await store.size('large')).toBe(12 * mebibyte);
      expect(fake.uploads.size).toBe(0);
    },
  );

  it.each(everything)('a log holds what was appended once, and in order, after: %s', async (fault) => {
    const store = newStore();
    const log = await store.createLog('log');
    for (const text of ['one ', 'two ', 'three']) {
      proxy.fault = faultsFor(({ method, path }) => method === 'PUT' && path.includes('/.s3/log/'), fault);
      await log.append(Buffer.from(text));
    }
    expect(Buffer.from((await store.readLog('log')) ?? '').toString()).toBe('one two three');
    await log.close();
    expect(Buffer.from((await store.readLog('log')) ?? '').toString()).toBe('one two three');
  });

  it.each(everything)('a lock is taken by its taker, after: %s', async (fault) => {
    const store = newStore();
    proxy.fault = faultsFor(({ method, path }) => method === 'PUT' && path.includes('/.s3/lock/'), fault);
    const lock = await store.lock('lock');
    expect(await lock.isHeld()).toBe(true);
    await lock.release();
  });
});

describe('a confirmed removal', () => {
  it.each(everything)('is confirmed again before it is asked for again, after: %s', async (fault) => {
    const store = newStore();
    await store.put('a/b', Buffer.from('old'));
    proxy.fault = faultsFor(({ method }) => method === 'DELETE', fault);
    let asked = 0;
    const confirm = async (): Promise<void> => {
      asked += 1;
    };
    await store.remove('a/b', { confirm });
    expect(await store.get('a/b')).toBeUndefined();
    expect(asked).toBe(2);
  });

  it('whose answer was lost leaves the next object under the key alone', async () => {
    const store = newStore();
    await store.put('a/b', Buffer.from('old'));
    let asked = 0;
    proxy.fault = faultsFor(({ method }) => method === 'DELETE', 'lose-answer');
    const confirm = async (): Promise<void> => {
      asked += 1;
      if (asked === 2) await store.put('a/b', Buffer.from('next'), { ifAbsent: true });
    };
    await store.remove('a/b', { confirm });
    expect(Buffer.from((await store.get('a/b')) ?? '').toString()).toBe('next');
  });

  it('that fails for good says why', async () => {
    const store = newStore();
    await store.put('a/b', Buffer.from('old'));
    proxy.fault = ({ method }) => (method === 'DELETE' ? 503 : undefined);
    await expect(store.remove('a/b', { confirm: async () => {} })).rejects.toThrow(/fewer requests/);
    expect(await store.size('a/b')).toBe(3);
  });
});

describe('an answer that breaks off', () => {
  it('is asked for again from there on, and nothing is lost or doubled', async () => {
    const store = newStore();
    const bytes = Buffer.from(Array.from({ length: 3 * mebibyte }, (_, index) => index % 251));
    await store.put('large', bytes);
    const isRead = ({ method, path }: PassingRequest) => method === 'GET' && path.endsWith('/large');
    proxy.fault = faultsFor(isRead, 'cut-answer', 'cut-answer', 'lose-answer', 500);
    expect(Buffer.compare((await store.get('large')) ?? Buffer.alloc(0), bytes)).toBe(0);
  });

  it('is no bridge to another object that has taken its place', async () => {
    const store = newStore();
    await store.put('large', Buffer.alloc(3 * mebibyte, 1));
    let reads = 0;
    proxy.fault = ({ method, path }) => {
      if (method !== 'GET' || !path.endsWith('/large')) return undefined;
      reads += 1;
      if (reads > 1) return undefined;
      const [key = ''] = [...objects.keys()].filter((each) => path.endsWith(each));
      // While the first half is on its way.
      setImmediate(
        () =>
          void openStore(fake, { prefix: key.slice(0, -'/large'.length) }).put(
            'large',
            Buffer.alloc(3 * mebibyte, 2),
          ),
      );
      return 'cut-answer';
    };
    const outcome = await store.get('large').catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(StorageError);
    // The other was too late, or it is that one alone.
    else expect(new Set(outcome as Uint8Array).size).toBe(1);
  });

  it('again and again is an error', async () => {
    const store = newStore();
    await store.put('large', Buffer.alloc(3 * mebibyte, 1));
    proxy.fault = ({ method, path }) =>
      method === 'GET' && path.endsWith('/large') ? 'break-before' : undefined;
    await expect(store.get('large')).rejects.toThrow(/connection broke/);
  });
});

describe('what was begun and not finished', () => {
  it('by a move is finished by the same call, and never mixed', async () => {
    const store = newStore();
    for (const name of ['1', '2', '3', '4']) await store.put(`f/${name}`, Buffer.from(name));
    let copies = 0;
    const isCopy = ({ method, path }: PassingRequest) => method === 'PUT' && path.includes('/g/');
    proxy.fault = (request) => (isCopy(request) && ++copies > 2 ? 500 : undefined);
    await expect(store.moveAll('f', 'g')).rejects.toBeInstanceOf(StorageError);
    expect((await store.children('f')).map(({ name }) => name)).toEqual(['1', '2', '3', '4']);
    proxy.fault = () => undefined;
    await store.moveAll('f', 'g');
    expect(await store.children('f')).toEqual([]);
    expect((await store.children('g')).map(({ name }) => name)).toEqual(['1', '2', '3', '4']);
  });

  it('by a move stops before an object that is not its own', async () => {
    const store = newStore();
    await store.put('f/1', Buffer.from('same'));
    await store.put('g/1', Buffer.from('same'));
    await expect(store.moveAll('f', 'g')).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    expect(await store.size('f/1')).toBe(4);
  });

  it('by the closing of a log leaves its pieces, which are read as before', async () => {
    const store = newStore();
    const log = await store.createLog('log');
    await log.append(Buffer.from('one '));
    await log.append(Buffer.from('two'));
    proxy.fault = ({ method, path }) => (method === 'PUT' && path.endsWith('/whole') ? 500 : undefined);
    await log.close();
    expect(Buffer.from((await store.readLog('log')) ?? '').toString()).toBe('one two');
    expect(await store.size('log')).toBe(7);
  });

  it('by an upload whose body throws is taken away', async () => {
    const store = newStore();
    async function* failing() {
      yield* streamOf(11 * mebibyte);
      throw new Error('the source dried up');
    }
    await expect(store.put('large', failing())).rejects.toThrow('dried up');
    expect(fake.uploads.size).toBe(0);
  });
});

describe('a lock', () => {
  it('is lost when the server can not be reached for a lease, and says so', async () => {
    const store = openStore(proxy, { prefix: randomUUID(), lease: 120, clientConfig: { maxAttempts: 1 } });
    const lock = await store.lock('lock');
    proxy.fault = ({ path, query }) => (path.includes('lock') || query.has('prefix') ? 503 : undefined);
    await expect(lock.lost).rejects.toThrow(/no sign of life/);
    expect(await lock.isHeld()).toBe(false);
  });

  it('that another process has taken over is not given back by a late sign or release', async () => {
    const prefix = randomUUID();
    const store = openStore(proxy, { prefix, lease: 60 });
    const lock = await store.lock('lock');
    await takeLockAway(openBucket(fake, { prefix }), 'lock');
    await expect(lock.lost).rejects.toThrow(/was taken away/);
    await lock.release();
    expect(await store.holds('lock', lock.token)).toBe(false);
    await expect(store.lock('lock')).rejects.toMatchObject({ code: 'RUN_LOCKED' });
  });
});

describe('a lock of another machine', () => {
  const claims = (prefix: string) =>
    [...objects].filter(([key]) => key.startsWith(`${prefix}/.s3/lock/lock/`));
  const foreign = async (prefix: string) => {
    const lock = await openStore(fake, { prefix, lease: 200 }).lock('lock');
    const [[key, object] = []] = claims(prefix);
    if (!key || !object) throw new Error('no claim');
    const claim = { ...JSON.parse(object.bytes.toString()), host: 'elsewhere', machine: 'another' };
    await openBucket(fake).put(key, {
      body: Buffer.from(JSON.stringify(claim)),
      size: JSON.stringify(claim).length,
      sha256: (await import('node:crypto')).hash('sha256', JSON.stringify(claim)),
      ifAbsent: false,
      metadata: {},
    });
    return lock;
  };

  it('is refused at the first sign of life', async () => {
    const prefix = randomUUID();
    // Its owner lives in this process, and signs with its own claim.
    const lock = await foreign(prefix);
    await expect(openStore(fake, { prefix, lease: 5000 }).lock('lock')).rejects.toMatchObject({
      code: 'RUN_LOCKED',
    });
    await lock.release();
  });

  it('is taken over when none came for a lease', async () => {
    const prefix = randomUUID();
    const lock = await foreign(prefix);
    const [[key = '', claim] = []] = claims(prefix);
    // The owner is gone, and so are its signs.
    await lock.release();
    objects.set(key, claim as NonNullable<typeof claim>);
    const next = await openStore(fake, { prefix, lease: 100 }).lock('lock');
    expect(await next.isHeld()).toBe(true);
    expect(claims(prefix).map(([each]) => each.slice(-2))).toEqual(['01']);
    await next.release();
  });
});
