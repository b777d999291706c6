import { RunLockedError, StorageError } from '@crystallize/core/storage';
import { expect } from 'vitest';
import { bytesOf, type Law, rejectionOf, textOf } from './law.ts';

/** Laws of locks. */
export const lockLaws: readonly Law[] = [
  {
    law: 'a lock that is held is refused with RunLockedError, and can be taken once it is released',
    async check({ store, reopen }) {
      const others = [store, ...(reopen ? [await reopen()] : [])];
      for (const other of others) {
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
    async check({ store }) {
      for (let round = 0; round < 5; round += 1) {
        const settled = await Promise.allSettled(Array.from({ length: 8 }, () => store.lock('a/lock')));
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
    law: 'a lock that was taken away is not held, lost says so, and its release leaves that of the next owner',
    async check({ store, takeLockAway }) {
      if (!takeLockAway) return;
      const lock = await store.lock('a/lock');
      await takeLockAway('a/lock');
      expect(await lock.isHeld()).toBe(false);
      expect(await rejectionOf(lock.lost)).toBeInstanceOf(StorageError);
      await lock.release();
      expect(await rejectionOf(store.lock('a/lock'))).toBeInstanceOf(RunLockedError);
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
