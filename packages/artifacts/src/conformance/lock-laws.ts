import { RunLockedError } from '@crystallize/core/storage';
import { expect } from 'vitest';
import { type Law, rejectionOf } from './law.ts';

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
    law: 'locks of different keys are held side by side',
    async check({ store }) {
      const locks = await Promise.all(['a/lock', 'b/lock', 'a/deep/er/lock'].map((key) => store.lock(key)));
      for (const lock of locks) await lock.release();
    },
  },
];
