import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type ArtifactStore, StorageError } from '@crystallize/core/storage';
import { expect } from 'vitest';
import {
  bytesOf,
  collect,
  inPieces,
  type Law,
  openedTwice,
  patternedBytes,
  rejectionOf,
  textOf,
} from './law.ts';

const piece = 1024 * 1024;

/** Laws of single objects. */
export const objectLaws: readonly Law[] = [
  {
    law: 'a missing object has no size and no bytes, and streaming it rejects with OBJECT_MISSING',
    async check({ store }) {
      expect(await store.size('a/missing')).toBeUndefined();
      expect(await store.get('a/missing')).toBeUndefined();
      const error = await rejectionOf(collect(store.stream('a/missing')));
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ code: 'OBJECT_MISSING' });
    },
  },
  {
    law: 'what was put reads back byte for byte, whatever its size',
    async check({ store }) {
      for (const size of [0, 1, 255, 4096, 65_535, 65_536, 65_537, 3 * piece + 1]) {
        const body = patternedBytes(size);
        await store.put(`sizes/${size}`, body);
        expect(Buffer.compare((await store.get(`sizes/${size}`)) ?? bytesOf('missing'), body)).toBe(0);
        expect(Buffer.compare(Buffer.concat(await collect(store.stream(`sizes/${size}`))), body)).toBe(0);
        expect(await store.size(`sizes/${size}`)).toBe(size);
      }
    },
  },
  {
    law: 'put reports the size and the sha256 of the bytes',
    async check({ store }) {
      for (const body of [patternedBytes(0), patternedBytes(100), patternedBytes(piece + 7)]) {
        const expected = { size: body.length, sha256: createHash('sha256').update(body).digest('hex') };
        expect(await store.put('a/direct', body)).toEqual(expected);
        expect(await store.put('a/streamed', inPieces(body.subarray(0, 50), body.subarray(50)))).toEqual(
          expected,
        );
      }
    },
  },
  {
    law: 'a stream is stored as its pieces in a row, also when it reuses one buffer for all of them',
    async check({ store }) {
      async function* reusing(): AsyncGenerator<Uint8Array, void, undefined> {
        const buffer = new Uint8Array(40_000);
        for (let round = 0; round < 20; round += 1) {
          buffer.fill(round);
          yield buffer.subarray(0, round % 3 === 0 ? 0 : 2000 * round);
        }
      }
      const expected = Buffer.concat((await collect(copying(reusing()))) satisfies Uint8Array[]);
      await store.put('a/reused', reusing());
      expect(Buffer.compare((await store.get('a/reused')) ?? bytesOf('missing'), expected)).toBe(0);
      await store.put('a/nothing', inPieces());
      expect(await store.get('a/nothing')).toEqual(new Uint8Array());
    },
  },
  {
    law: 'put replaces what was there',
    async check({ store }) {
      await store.put('a/b', bytesOf('a longer first text'));
      await store.put('a/b', bytesOf('second'));
      expect(textOf(await store.get('a/b'))).toBe('second');
    },
  },
  {
    law: 'put with ifAbsent rejects with OBJECT_EXISTS when the key is taken, and leaves what is there',
    async check({ store }) {
      await store.put('a/b', bytesOf('first'), { ifAbsent: true });
      const error = await rejectionOf(store.put('a/b', bytesOf('second'), { ifAbsent: true }));
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ code: 'OBJECT_EXISTS' });
      expect(textOf(await store.get('a/b'))).toBe('first');
    },
  },
  {
    law: 'of many puts with ifAbsent of one key at once exactly one wins, and its bytes are kept',
    async check(fixture) {
      const stores = await openedTwice(fixture);
      for (const round of [0, 1, 2]) {
        const key = `race/${round}`;
        const puts = Array.from({ length: 8 }, (_, index) =>
          stores.map((store, which) =>
            store.put(key, bytesOf(`writer ${index * stores.length + which}`), { ifAbsent: true }),
          ),
        ).flat();
        const settled = await Promise.allSettled(puts);
        const winners = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
        expect(winners).toHaveLength(1);
        for (const store of stores) expect(textOf(await store.get(key))).toBe(`writer ${winners[0]}`);
        for (const outcome of settled) {
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'OBJECT_EXISTS' });
        }
      }
    },
  },
  {
    law: 'a body that throws publishes nothing, and its own error is passed on',
    async check({ store }) {
      const failure = new Error('the source dried up');
      async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
        yield patternedBytes(piece);
        throw failure;
      }
      expect(await rejectionOf(store.put('a/new', failing()))).toBe(failure);
      expect(await store.get('a/new')).toBeUndefined();
      await store.put('a/old', bytesOf('old'));
      expect(await rejectionOf(store.put('a/old', failing()))).toBe(failure);
      expect(textOf(await store.get('a/old'))).toBe('old');
      expect((await collect(store.list('a'))).map(({ key }) => key)).toEqual(['a/old']);
    },
  },
  {
    law: 'a reader sees an object whole or not at all while it is written',
    async check({ store }) {
      const seen: (Uint8Array | undefined)[] = [];
      const listed: string[] = [];
      async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
        for (let part = 1; part <= 4; part += 1) {
          yield patternedBytes(piece, part);
          await setImmediate();
          seen.push(await store.get('a/new'));
          listed.push(...(await collect(store.list('a'))).map(({ key }) => key));
        }
      }
      await store.put('a/new', watched());
      expect(seen).toEqual([undefined, undefined, undefined, undefined]);
      expect(listed).toEqual([]);
      expect(await store.size('a/new')).toBe(4 * piece);
    },
  },
  {
    law: 'a reader sees the old object or the new one while it is replaced',
    async check({ store }) {
      const versions = [patternedBytes(2 * piece, 1), patternedBytes(piece, 2)];
      await store.put('a/b', versions[0] as Uint8Array);
      let writing = true;
      const write = async (): Promise<void> => {
        for (let round = 0; round < 20; round += 1) await store.put('a/b', versions[round % 2] as Uint8Array);
        writing = false;
      };
      const read = async (): Promise<void> => {
        while (writing) {
          const bytes = await store.get('a/b');
          expect(
            versions.some((version) => bytes !== undefined && Buffer.compare(version, bytes) === 0),
          ).toBe(true);
          await setImmediate();
        }
      };
      await Promise.all([write(), read(), read()]);
    },
  },
  {
    law: 'bytes that are taken in and handed out are copies',
    async check({ store }) {
      const given = bytesOf('original');
      await store.put('a/b', given);
      given.fill(0);
      const handedOut = await store.get('a/b');
      expect(textOf(handedOut)).toBe('original');
      handedOut?.fill(0);
      expect(textOf(await store.get('a/b'))).toBe('original');
    },
  },
  {
    law: 'a removed object is gone, and removing a missing one is no error',
    async check({ store }) {
      await store.put('a/b', bytesOf('b'));
      await store.put('a/c', bytesOf('c'));
      await store.remove('a/b');
      await store.remove('a/b');
      await store.remove('never/there');
      expect(await store.get('a/b')).toBeUndefined();
      expect(textOf(await store.get('a/c'))).toBe('c');
      await store.put('a/b', bytesOf('again'), { ifAbsent: true });
      expect(textOf(await store.get('a/b'))).toBe('again');
    },
  },
  {
    law: 'what one process has done is seen at once by others, which have opened the store before',
    async check(fixture) {
      const stores = await openedTwice(fixture);
      const [store, other] = [fixture.store, stores.at(-1) as ArtifactStore];
      const seen = async (): Promise<unknown> => ({
        bytes: textOf(await other.get('f/b')),
        size: await other.size('f/b'),
        names: (await other.children('f')).map(({ name }) => name),
        keys: (await collect(other.list('f'))).map(({ key }) => key),
      });
      const nothing = { bytes: undefined, size: undefined, names: [], keys: [] };
      expect(await seen()).toEqual(nothing);
      await store.put('f/b', bytesOf('first'));
      expect(await seen()).toEqual({ bytes: 'first', size: 5, names: ['b'], keys: ['f/b'] });
      await store.put('f/b', bytesOf('again'));
      expect(await seen()).toEqual({ bytes: 'again', size: 5, names: ['b'], keys: ['f/b'] });
      await store.remove('f/b');
      expect(await seen()).toEqual(nothing);
      await store.put('g/b', bytesOf('moved'));
      await store.moveAll('g', 'f');
      expect(await seen()).toEqual({ bytes: 'moved', size: 5, names: ['b'], keys: ['f/b'] });
      await store.removeAll('f');
      expect(await seen()).toEqual(nothing);
    },
  },
  {
    law: 'a place for people to find it is given, without credentials',
    async check({ store }) {
      expect(store.location).not.toBe('');
      expect(store.location).not.toMatch(/\/\/[^/]*:[^/]*@/);
    },
  },
];

async function* copying(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of body) yield bytes.slice();
}
