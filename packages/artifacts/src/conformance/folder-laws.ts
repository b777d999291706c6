import { UnsafeNameError } from '@crystallize/core/storage';
import { expect } from 'vitest';
import { bytesOf, collect, type Law, rejectionOf, textOf } from './law.ts';

const unsafeKeys = [
  '',
  '/',
  '/etc/passwd',
  '..',
  '../outside',
  'a/../../outside',
  'a/./b',
  'a//b',
  'a/',
  'C:/x',
  'a\\b',
  'a\0b',
  'a\nb',
  'a/con.txt',
  'a/b.',
  'a/b ',
  'a/\u202eb',
  'a/e\u0301',
  'a/\ud800',
  'a/.hidden',
  `a/${'x'.repeat(300)}`,
];

/** Laws of folders and keys. */
export const folderLaws: readonly Law[] = [
  {
    law: 'the children of a folder are its own names, sorted by UTF-16 code units',
    async check({ store }) {
      for (const key of [
        'f/b',
        'f/a/deep/x',
        'f/Z',
        'f/a.txt',
        'f/é',
        'f/日本',
        'f/\u{1F40D}',
        'f/Ａ',
        'fg/other',
      ]) {
        await store.put(key, bytesOf(key));
      }
      expect(await store.children('f')).toEqual([
        { name: 'Z', kind: 'object' },
        { name: 'a', kind: 'folder' },
        { name: 'a.txt', kind: 'object' },
        { name: 'b', kind: 'object' },
        { name: 'é', kind: 'object' },
        { name: '日本', kind: 'object' },
        { name: '\u{1F40D}', kind: 'object' },
        { name: 'Ａ', kind: 'object' },
      ]);
      expect(await store.children('f/a')).toEqual([{ name: 'deep', kind: 'folder' }]);
      expect(await store.children('missing')).toEqual([]);
    },
  },
  {
    law: 'a list has every object under a folder with its key and size, sorted by key',
    async check({ store }) {
      const keys = ['f/a/x', 'f/a-b', 'f/a.b', 'f/a0', 'f/a/x.y/z', 'f/b', 'fa/x', 'f0'];
      for (const key of keys) await store.put(key, bytesOf(key));
      const expected = keys.filter((key) => key.startsWith('f/')).sort();
      expect(await collect(store.list('f'))).toEqual(expected.map((key) => ({ key, size: key.length })));
      expect(await collect(store.list('missing'))).toEqual([]);
    },
  },
  {
    law: 'a folder of many objects is listed whole',
    async check({ store }) {
      const names = Array.from({ length: 1100 }, (_, index) => `object-${String(index).padStart(4, '0')}`);
      for (let at = 0; at < names.length; at += 100) {
        await Promise.all(names.slice(at, at + 100).map((name) => store.put(`many/${name}`, bytesOf(name))));
      }
      expect((await store.children('many')).map(({ name }) => name)).toEqual(names);
      expect(await collect(store.list('many'))).toHaveLength(names.length);
    },
  },
  {
    law: 'a folder is no object, and exists only through what is in it',
    async check({ store }) {
      await store.put('a/b/c', bytesOf('c'));
      expect(await store.get('a/b')).toBeUndefined();
      expect(await store.size('a/b')).toBeUndefined();
      expect(await store.get('a/b/c/d')).toBeUndefined();
      await store.remove('a/b');
      expect(textOf(await store.get('a/b/c'))).toBe('c');
      await store.removeAll('a/b');
      expect(await collect(store.list('a'))).toEqual([]);
    },
  },
  {
    law: 'removeAll removes what is under the folder and nothing else',
    async check({ store }) {
      for (const key of ['f/a/1', 'f/a/b/2', 'f/ab/3', 'f/4']) await store.put(key, bytesOf(key));
      await store.removeAll('f/a');
      await store.removeAll('f/a');
      await store.removeAll('missing');
      expect((await collect(store.list('f'))).map(({ key }) => key)).toEqual(['f/4', 'f/ab/3']);
      await store.put('f/a/1', bytesOf('again'));
      expect(textOf(await store.get('f/a/1'))).toBe('again');
    },
  },
  {
    law: 'moveAll moves what is under the folder and nothing else, and may be called again',
    async check({ store }) {
      for (const key of ['f/a/1', 'f/a/b/2', 'f/ab/3']) await store.put(key, bytesOf(key));
      await store.moveAll('f/a', 'deep/er/g');
      await store.moveAll('f/a', 'deep/er/g');
      expect((await collect(store.list('f'))).map(({ key }) => key)).toEqual(['f/ab/3']);
      expect((await collect(store.list('deep'))).map(({ key }) => key)).toEqual([
        'deep/er/g/1',
        'deep/er/g/b/2',
      ]);
      expect(textOf(await store.get('deep/er/g/b/2'))).toBe('f/a/b/2');
      await store.put('f/a/1', bytesOf('new'), { ifAbsent: true });
      expect(textOf(await store.get('deep/er/g/1'))).toBe('f/a/1');
    },
  },
  {
    law: 'moveAll goes to a folder of which every object was removed as to one that never was',
    async check({ store }) {
      await store.put('f/a/1', bytesOf('moved'));
      await store.put('g/b/2', bytesOf('removed'));
      await store.remove('g/b/2');
      await store.moveAll('f', 'g');
      expect((await collect(store.list('g'))).map(({ key }) => key)).toEqual(['g/a/1']);
      await store.put('g/b/2', bytesOf('put again'));
      expect(textOf(await store.get('g/b/2'))).toBe('put again');
    },
  },
  {
    law: 'names as people give them are kept as they are',
    async check({ store }) {
      const names = [
        'k=1,lr=0.1',
        'GPT-4o (mini)',
        'élan',
        '日本',
        "it's #1 & 50%",
        '%2e%2e',
        '~x',
        '🐍',
        'x'.repeat(128),
      ];
      for (const name of names) await store.put(`names/${name}/${name}`, bytesOf(name), { ifAbsent: true });
      for (const name of names) expect(textOf(await store.get(`names/${name}/${name}`))).toBe(name);
      expect((await store.children('names')).map(({ name }) => name)).toEqual([...names].sort());
    },
  },
  {
    law: 'keys that could leave the store, or that some system could not hold, are refused',
    async check({ store }) {
      for (const key of unsafeKeys) {
        const attempts = [
          store.put(key, bytesOf('x')),
          store.get(key),
          store.size(key),
          store.readLog(key),
          collect(store.stream(key)),
          store.remove(key),
          store.createLog(key),
          store.lock(key),
          store.holds(key, 'token'),
          store.moveAll('a', key),
          ...(key === ''
            ? []
            : [store.children(key), collect(store.list(key)), store.removeAll(key), store.moveAll(key, 'b')]),
        ];
        for (const error of await Promise.all(attempts.map(rejectionOf))) {
          expect(error, `of the key ${JSON.stringify(key)}`).toBeInstanceOf(UnsafeNameError);
        }
      }
      expect(await collect(store.list(''))).toEqual([]);
    },
  },
];
