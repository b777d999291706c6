// Works at a run as a process on another machine: writes its cells again and again, each as a further
// attempt, until it is refused. It is stopped meanwhile, and another takes over.
import type { ArtifactTarget } from '@crystallize/core';
import { StorageError } from '@crystallize/core/storage';
import { RunPlace } from '../../../src/artifact-plugin/run-place.ts';
import { StoreSink } from '../../../src/artifact-plugin/store-sink.ts';
import { fsStore } from '../../../src/fs-store/fs-store.ts';
import { cellCount, cellOf } from './cells.ts';
import { say, told } from './told.ts';

const [, root = '', lease = '', how] = process.argv.slice(2);
const identity = { host: 'elsewhere', pid: process.pid };
const store = fsStore(root, { durability: 'process', lease: Number(lease), identity });
const body = Buffer.from('of the one that was stopped');

async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
}

for (;;) {
  const directory = await told();
  const lock = await store.lock(`${directory}/lock`);
  const place = new RunPlace(store, { run: 'stopped', directory, version: 0, replaces: false });
  const sink = new StoreSink(store, place, async () => how === 'naive' || lock.isHeld());
  const log = await store.createLog(`${directory}/stopped.log`);
  /** Whether the store took it; any error but one of storage is one of this test. */
  const attempt = async (target: ArtifactTarget, streamed: boolean): Promise<boolean> => {
    try {
      await sink.write(target, streamed ? stream() : body);
      return true;
    } catch (error) {
      if (error instanceof StorageError) return false;
      throw error;
    }
  };
  say('working');
  for (let cell = 0; await lock.isHeld(); cell = (cell + 1) % cellCount) {
    await attempt(cellOf(cell), cell % 3 === 0);
    if (await lock.isHeld()) await log.append(body);
  }
  say('noticed');
  await told();
  let taken = 0;
  for (let cell = 0; cell < 2 * cellCount; cell += 1)
    if (await attempt(cellOf(cell % cellCount), cell >= cellCount)) taken += 1;
  const lost = await lock.lost.catch((error: unknown) => error instanceof StorageError);
  await log.close();
  await lock.release();
  say(JSON.stringify({ taken, lost }));
}
