// Enters what a lock guards once in each round, and says so.
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { RunLockedError, type StoreLock } from '@crystallize/core/storage';
import { fsStore } from '../../../src/fs-store/fs-store.ts';
import { say, told } from './told.ts';

const [, root = '', lease = ''] = process.argv.slice(2);
const store = fsStore(root, { durability: 'process', lease: Number(lease) });

async function take(key: string): Promise<StoreLock> {
  for (;;) {
    try {
      return await store.lock(key);
    } catch (error) {
      if (!(error instanceof RunLockedError)) throw error;
      await delay(1);
    }
  }
}

for (;;) {
  say('ready');
  const round = await told();
  const lock = await take(`${round}/lock`);
  // Fails when another is in here as well.
  closeSync(openSync(`${root}/${round}/inside`, 'wx'));
  const isHeld = await lock.isHeld();
  unlinkSync(`${root}/${round}/inside`);
  await lock.release();
  say(isHeld ? 'entered' : 'lost');
}
