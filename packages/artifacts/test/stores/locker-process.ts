import { closeSync, openSync, unlinkSync } from 'node:fs';
import { RunLockedError } from '@crystallize/core/storage';
import { fsStore } from '../../src/fs-store/fs-store.ts';

/** Takes locks as it is told; run by lock.test.ts. */
const [task = '', root = '', count = '1'] = process.argv.slice(2);
const store = fsStore(root, { durability: 'process' });

async function tryLock(key: string): Promise<Awaited<ReturnType<typeof store.lock>> | undefined> {
  try {
    return await store.lock(key);
  } catch (error) {
    if (error instanceof RunLockedError) return undefined;
    throw error;
  }
}

if (task === 'hold') {
  await store.lock('exp/lock');
  process.stdout.write('held\n');
  process.stdin.resume();
} else if (task === 'take-each') {
  // Never released: whoever takes one keeps it until its end.
  process.stdout.write('ready\n');
  process.stdin.once('data', async () => {
    const taken: number[] = [];
    for (let number = 0; number < Number(count); number += 1) {
      if (await tryLock(`exp/locks/${number}`)) taken.push(number);
    }
    process.stdout.write(`${taken.join(' ')}\n`);
    process.stdin.once('data', () => process.exit());
  });
} else {
  let entered = 0;
  while (entered < Number(count)) {
    const lock = await tryLock('exp/lock');
    if (!lock) continue;
    // Fails if another process is in here as well.
    closeSync(openSync(`${root}/inside`, 'wx'));
    unlinkSync(`${root}/inside`);
    entered += 1;
    await lock.release();
  }
  process.stdout.write(`${entered}\n`);
}
