import { RunLockedError, StorageError } from '@crystallize/core/storage';
import { expect } from 'vitest';
import { bytesOf, type Law, openedTwice, rejectionOf, textOf } from './law.ts';

/** Laws of locks. */
export const lockLaws: readonly Law[] = [
  {
    law: 'a lock that is held is refused with RunLockedError, and can be taken once it is released',
    async check(fixture) {
      const { store } = fixture;
      for (const other of await openedTwice(fixture)) {
        const lock = await store.lock('a/lock');
        const error = await rejectionOf(other.lock('a/lock'));
        expect(error).toBeInstanceOf(RunLockedError);
        expect((error as Error).message).toContain('lock');
        await lock.release();
        await (await other.lock('a/lock')).release();
      }
    },
  },
  {
    law: 'of many who take a lock at once exactly one gets it',
    async check(fixture) {
      const stores = await openedTwice(fixture);
      for (let round = 0; round < 5; round += 1) {
        const taken = Array.from({ length: 4 }, () => stores.map((store) => store.lock('a/lock'))).flat();
        const settled = await Promise.allSettled(taken);
        const locks = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        expect(locks).toHaveLength(1);
        for (const outcome of settled) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RunLockedError);
        }
        await locks[0]?.release();
      }
    },
  },
  {
    law: 'releasing a lock twice does not release that of the next owner',
    async check({ store }) {
      const first = await store.lock('a/lock');
      await first.release();
      const second = await store.lock('a/lock');
      await first.release();
      expect(await rejectionOf(store.lock('a/lock'))).toBeInstanceOf(RunLockedError);
      await second.release();
    },
  },
  {
    law: 'a lock is held from when it is taken until it is released, whoever holds it then',
    async check({ store }) {
      const first = await store.lock('a/lock');
      expect(await first.isHeld()).toBe(true);
      await first.release();
      expect(await first.isHeld()).toBe(false);
      const second = await store.lock('a/lock');
      expect([await first.isHeld(), await second.isHeld()]).toEqual([false, true]);
      await second.release();
    },
  },
  {
    law: 'every process can ask by its token whether a holding lasts, and no two holdings have one token',
    async check(fixture) {
      const { store } = fixture;
      const everywhere = await openedTwice(fixture);
      const holds = (key: string, token: string): Promise<boolean[]> =>
        Promise.all(everywhere.map((each) => each.holds(key, token)));
      const yes = everywhere.map(() => true);
      const no = everywhere.map(() => false);
      expect(await holds('a/lock', 'nobody'), 'before the lock was ever taken').toEqual(no);
      const first = await store.lock('a/lock');
      const other = await store.lock('b/lock');
      expect(first.token, 'a token travels as text').toMatch(/^[\x21-\x7e]{1,100}$/);
      expect(await holds('a/lock', first.token), 'while it is held').toEqual(yes);
      expect(await holds('b/lock', first.token), 'of another lock').toEqual(no);
      expect(await holds('a/lock', other.token), 'by the token of another lock').toEqual(no);
      expect(await holds('a/lock', ''), 'by no token').toEqual(no);
      expect(await first.isHeld(), 'after others have asked').toBe(true);
      await first.release();
      expect(await holds('a/lock', first.token), 'after its release').toEqual(no);
      const second = await store.lock('a/lock');
      expect(await holds('a/lock', first.token), 'while the next owner holds it').toEqual(no);
      expect(await holds('a/lock', second.token), 'by the next owner').toEqual(yes);
      await Promise.all([second.release(), other.release()]);
    },
  },
  {
    law: 'a lock that was taken away is not held, lost says so, and its release leaves that of the next owner',
    async check({ store, takeLockAway }) {
      if (!takeLockAway) return;
      const lock = await store.lock('a/lock');
      await takeLockAway('a/lock');
      expect(await store.holds('a/lock', lock.token)).toBe(false);
      expect(await lock.isHeld()).toBe(false);
      expect(await rejectionOf(lock.lost)).toBeInstanceOf(StorageError);
      await lock.release();
      expect(await rejectionOf(store.lock('a/lock'))).toBeInstanceOf(RunLockedError);
    },
  },
  {
    law: 'the lock of an owner that has died is taken over, by one of those who try',
    async check(fixture) {
      if (!fixture.lockThenDie) return;
      await fixture.lockThenDie('a/lock');
      const stores = await openedTwice(fixture);
      const settled = await Promise.allSettled(stores.map((store) => store.lock('a/lock')));
      const locks = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(locks).toHaveLength(1);
      for (const outcome of settled) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RunLockedError);
      }
      expect(await locks[0]?.isHeld()).toBe(true);
      await locks[0]?.release();
    },
  },
  {
    law: 'a removal that is not confirmed rejects with that error and leaves the object; one that is takes only what was there before',
    async check({ store }) {
      await store.put('a/b', bytesOf('old'));
      const reason = new Error('not ours');
      expect(await rejectionOf(store.remove('a/b', { confirm: () => Promise.reject(reason) }))).toBe(reason);
      expect(textOf(await store.get('a/b'))).toBe('old');
      let asked = 0;
      const confirm = async (): Promise<void> => {
        asked += 1;
        await store.put('a/b', bytesOf('of the next owner'));
      };
      await store.remove('a/b', { confirm });
      expect(textOf(await store.get('a/b'))).toBe('of the next owner');
      await store.remove('a/b', { confirm: async () => {} });
      expect(await store.get('a/b')).toBeUndefined();
      await store.remove('a/b', { confirm });
      expect(asked).toBe(1);
    },
  },
  {
    law: 'a signal that has come ends the call with its reason, and nothing is taken',
    async check({ store }) {
      const reason = new Error('enough');
      expect(await rejectionOf(store.lock('a/lock', { signal: AbortSignal.abort(reason) }))).toBe(reason);
      await (await store.lock('a/lock')).release();
    },
  },
  {
    law: 'locks of different keys are held side by side',
    async check({ store }) {
      const locks = await Promise.all(['a/lock', 'b/lock', 'a/deep/er/lock'].map((key) => store.lock(key)));
      for (const lock of locks) await lock.release();
    },
  },
];
