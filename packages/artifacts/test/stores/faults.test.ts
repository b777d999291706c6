import { join } from 'node:path';
import { type ArtifactStore, StorageError } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { type FsCall, faultyFs } from './test-file-systems.ts';

const codes = [
  'EIO',
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EMFILE',
  'EINTR',
  'ESTALE',
  'EBUSY',
  'EXDEV',
  'ENAMETOOLONG',
];
const small = Buffer.from('new bytes');
const large = Buffer.alloc(200_000, 7);
async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < large.length; at += 50_000) yield large.subarray(at, at + 50_000);
}

interface Flow {
  readonly title: string;
  readonly run: (store: ArtifactStore) => Promise<unknown>;
  /** What the key may hold afterwards, beside what was there before. */
  readonly body: Uint8Array;
  /** Whether 'exp/v0/a' holds old bytes before. */
  readonly taken: boolean;
}

/** Quicker than comparing element by element. */
function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}

const key = 'exp/v0/a';
const old = Buffer.from('old bytes');
const flows: readonly Flow[] = [
  { title: 'a small put', run: (store) => store.put(key, small), body: small, taken: true },
  { title: 'a large put', run: (store) => store.put(key, large), body: large, taken: true },
  { title: 'a streamed put', run: (store) => store.put(key, pieces()), body: large, taken: false },
  {
    title: 'a put with ifAbsent',
    run: (store) => store.put(key, small, { ifAbsent: true }),
    body: small,
    taken: false,
  },
];

/** Calls that may fail without harm: what they would have done is not needed for what was promised. */
function isHarmless(call: FsCall | undefined, code: string): boolean {
  if (call?.operation === 'unlink') return true;
  // Without links there is another way.
  if (call?.operation === 'link') return code === 'EPERM';
  // The folder above the root may be someone else's.
  return call?.operation === 'open' && !String(call.args[0]).includes('store');
}

describe.each(flows)('$title', ({ run, body, taken }) => {
  it.each([
    ...codes.map((code) => [code, false] as const),
    ['EIO', true] as const,
    ['ENOSPC', true] as const,
  ])(
    'is whole or not there when any one call fails with %s (for ever: %s), and the error says so',
    async (code, sticky) => {
      let faults = 0;
      for (let n = 1; ; n += 1) {
        using folder = temporaryFolder();
        const root = join(folder.path, 'store');
        if (taken) await fsStore(root).put(key, old);
        const fs = faultyFs(n, code, sticky);
        const store = fsStore(root, { fs });
        const error: unknown = await run(store).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (fs.failed) faults += 1;
        else {
          expect(error).toBeUndefined();
          break;
        }
        const where = `call ${n}, ${fs.failed.operation}`;
        const clean = fsStore(root);
        const found = await clean.get(key);
        if (error === undefined) {
          expect(isHarmless(fs.failed, code), where).toBe(true);
          expect(isSame(found, body), where).toBe(true);
        } else {
          expect(error, where).toBeInstanceOf(StorageError);
          expect((error as StorageError).message, where).toContain(code);
          expect((error as StorageError).cause, where).toMatchObject({ code, injected: true });
          if (found || taken) expect(isSame(found, body) || (taken && isSame(found, old)), where).toBe(true);
        }
        const listed: string[] = [];
        for await (const object of clean.list('exp')) listed.push(object.key);
        expect(listed, where).toEqual(found ? [key] : []);
        // Once the trouble is over, the same put succeeds.
        if (!found || taken) {
          await run(clean);
          expect(isSame(await clean.get(key), body), where).toBe(true);
        }
      }
      expect(faults).toBeGreaterThan(8);
    },
  );
});

describe('a log', () => {
  const entries = Array.from({ length: 6 }, (_, index) => Buffer.from(`entry ${index}\n`));

  it.each(codes)(
    'stays broken after a call that failed with %s, and holds all that it had acknowledged',
    async (code) => {
      let faults = 0;
      for (let n = 1; ; n += 1) {
        using folder = temporaryFolder();
        const root = join(folder.path, 'store');
        const fs = faultyFs(n, code, false);
        let acknowledged = '';
        const errors: unknown[] = [];
        try {
          const log = await fsStore(root, { fs }).createLog('exp/log');
          for (const entry of entries) {
            await log.append(entry).then(
              () => {
                acknowledged += entry.toString();
              },
              (error: unknown) => errors.push(error),
            );
          }
          // However often it is asked: never a second try at what may be lost.
          if (errors.length > 0) await expect(log.append(small)).rejects.toBe(errors[0]);
          await log.close();
        } catch (error) {
          errors.push(error);
        }
        if (!fs.failed) break;
        faults += 1;
        const where = `call ${n}, ${fs.failed.operation}`;
        const kept = Buffer.from((await fsStore(root).readLog('exp/log')) ?? []).toString();
        expect(kept.startsWith(acknowledged), where).toBe(true);
        if (errors.length === 0) expect(isHarmless(fs.failed, code), where).toBe(true);
        for (const error of errors) {
          expect(error, where).toBeInstanceOf(StorageError);
          expect(error, where).toBe(errors[0]);
          expect((error as StorageError).cause, where).toMatchObject({ code });
        }
      }
      expect(faults).toBeGreaterThan(15);
    },
  );
});

describe('whatever else a store does', () => {
  const others: readonly (readonly [title: string, run: (store: ArtifactStore) => Promise<unknown>])[] = [
    ['remove', (store) => store.remove('exp/v0/a')],
    ['removeAll', (store) => store.removeAll('exp')],
    ['moveAll', (store) => store.moveAll('exp/v0', 'exp/aside/v0')],
    ['lock', async (store) => (await store.lock('exp/lock')).release()],
    ['get', (store) => store.get('exp/v0/a')],
    ['size', (store) => store.size('exp/v0/a')],
    ['children', (store) => store.children('exp/v0')],
    ['stream', (store) => collect(store.stream('exp/v0/a'))],
    ['list', (store) => collect(store.list('exp'))],
  ];

  it.each(others)('fails with a StorageError when any one call of it fails: %s', async (_title, run) => {
    for (const code of ['EIO', 'EACCES', 'EMFILE']) {
      let faults = 0;
      for (let n = 1; ; n += 1) {
        using folder = temporaryFolder();
        const root = join(folder.path, 'store');
        await fsStore(root).put('exp/v0/a', old);
        const fs = faultyFs(n, code, false);
        const error: unknown = await run(fsStore(root, { fs })).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (!fs.failed) break;
        faults += 1;
        const where = `${code} at call ${n}, ${fs.failed.operation}`;
        if (error === undefined) expect(isHarmless(fs.failed, code), where).toBe(true);
        else expect(error, where).toBeInstanceOf(StorageError);
      }
      expect(faults).toBeGreaterThan(1);
    }
  });
});
