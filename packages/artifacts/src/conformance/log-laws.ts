import { StorageError } from '@crystallize/core/storage';
import { expect } from 'vitest';
import { bytesOf, collect, type Law, openedTwice, patternedBytes, rejectionOf, textOf } from './law.ts';

/** Laws of logs. */
export const logLaws: readonly Law[] = [
  {
    law: 'a log reads back what was appended, in the order of the calls, also when none was waited for',
    async check({ store }) {
      const log = await store.createLog('a/log');
      const pieces = Array.from({ length: 200 }, (_, index) => patternedBytes((index * 37) % 900, index + 1));
      await Promise.all(pieces.map((piece) => log.append(piece)));
      const large = patternedBytes(300_000);
      await log.append(large);
      expect(
        Buffer.compare(
          (await store.readLog('a/log')) ?? bytesOf('missing'),
          Buffer.concat([...pieces, large]),
        ),
      ).toBe(0);
      await log.close();
    },
  },
  {
    law: 'what was appended can be read once the append has resolved, before the log is closed',
    async check({ store }) {
      const log = await store.createLog('a/log');
      await log.append(bytesOf('one '));
      expect(textOf(await store.readLog('a/log'))).toBe('one ');
      await log.append(bytesOf('two'));
      expect(textOf(await store.readLog('a/log'))).toBe('one two');
      await log.close();
    },
  },
  {
    law: 'a log that was not made is undefined, and one without entries is empty',
    async check({ store }) {
      expect(await store.readLog('a/log')).toBeUndefined();
      const log = await store.createLog('a/log');
      expect(await store.readLog('a/log')).toEqual(new Uint8Array());
      await log.close();
    },
  },
  {
    law: 'a log is made once: under a taken key createLog rejects with OBJECT_EXISTS',
    async check({ store }) {
      const first = await store.createLog('a/log');
      await first.append(bytesOf('kept'));
      const error = await rejectionOf(store.createLog('a/log'));
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ code: 'OBJECT_EXISTS' });
      await first.close();
      expect(await rejectionOf(store.createLog('a/log'))).toMatchObject({ code: 'OBJECT_EXISTS' });
      expect(textOf(await store.readLog('a/log'))).toBe('kept');
    },
  },
  {
    law: 'of many who make the same log at once exactly one wins',
    async check(fixture) {
      const stores = await openedTwice(fixture);
      const made = Array.from({ length: 4 }, () => stores.map((store) => store.createLog('a/log'))).flat();
      const settled = await Promise.allSettled(made);
      const logs = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(logs).toHaveLength(1);
      for (const log of logs) await log.close();
    },
  },
  {
    law: 'close waits for what was appended, and later appends reject',
    async check({ store }) {
      const log = await store.createLog('a/log');
      const appended = Promise.allSettled([log.append(bytesOf('in time'))]);
      await log.close();
      expect(textOf(await store.readLog('a/log'))).toBe('in time');
      expect(await appended).toMatchObject([{ status: 'fulfilled' }]);
      expect(await rejectionOf(log.append(bytesOf('late')))).toBeInstanceOf(StorageError);
      expect(textOf(await store.readLog('a/log'))).toBe('in time');
      await log.close();
    },
  },
  {
    law: 'once an append has failed every later one rejects, and what was acknowledged before stays',
    async check({ store, failNextAppend }) {
      if (!failNextAppend) return;
      const log = await store.createLog('a/log');
      await log.append(bytesOf('kept'));
      failNextAppend();
      expect(await rejectionOf(log.append(bytesOf('lost')))).toBeInstanceOf(StorageError);
      expect(await rejectionOf(log.append(bytesOf('after')))).toBeInstanceOf(StorageError);
      await log.close();
      const text = textOf(await store.readLog('a/log')) ?? '';
      expect(text.startsWith('kept')).toBe(true);
      expect(text).not.toContain('after');
    },
  },
  {
    law: 'remove takes a log away, and a new one can be made under its key',
    async check({ store }) {
      const log = await store.createLog('a/log');
      await log.append(bytesOf('old'));
      await log.close();
      await store.remove('a/log');
      expect(await store.readLog('a/log')).toBeUndefined();
      const next = await store.createLog('a/log');
      await next.append(bytesOf('new'));
      await next.close();
      expect(textOf(await store.readLog('a/log'))).toBe('new');
    },
  },
  {
    law: 'two logs of one store do not mix',
    async check({ store }) {
      const [a, b] = await Promise.all([store.createLog('a/one.log'), store.createLog('a/two.log')]);
      await Promise.all(
        ['1', '2', '3'].flatMap((text) => [a.append(bytesOf(text)), b.append(bytesOf(`-${text}`))]),
      );
      await Promise.all([a.close(), b.close()]);
      expect(textOf(await store.readLog('a/one.log'))).toBe('123');
      expect(textOf(await store.readLog('a/two.log'))).toBe('-1-2-3');
    },
  },
  {
    law: 'a log is listed, moved and removed with its folder, as an object is',
    async check({ store }) {
      const log = await store.createLog('f/a.log');
      await log.append(bytesOf('one '));
      await log.append(bytesOf('two'));
      await log.close();
      expect(await store.children('f')).toEqual([{ name: 'a.log', kind: 'object' }]);
      expect(await collect(store.list('f'))).toEqual([{ key: 'f/a.log', size: 7 }]);
      await store.moveAll('f', 'g');
      expect(await store.readLog('f/a.log')).toBeUndefined();
      expect(textOf(await store.readLog('g/a.log'))).toBe('one two');
      await store.removeAll('g');
      expect(await store.readLog('g/a.log')).toBeUndefined();
      await (await store.createLog('g/a.log')).close();
    },
  },
  {
    law: 'what was reported as written is there when the store is opened again',
    async check({ store, reopen }) {
      await store.put('a/b', bytesOf('object'));
      const log = await store.createLog('a/log');
      await log.append(bytesOf('entry'));
      if (!reopen) return;
      const again = await reopen();
      expect(textOf(await again.get('a/b'))).toBe('object');
      expect(textOf(await again.readLog('a/log'))).toBe('entry');
      expect(await rejectionOf(again.createLog('a/log'))).toMatchObject({ code: 'OBJECT_EXISTS' });
      expect(await rejectionOf(again.put('a/b', bytesOf('x'), { ifAbsent: true }))).toMatchObject({
        code: 'OBJECT_EXISTS',
      });
      await log.close();
    },
  },
];
