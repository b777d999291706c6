// Writes one artifact as a worker of a run, and stops itself when that is about to be published. Woken, it
// goes on, and says what became of it.
import { ArtifactPlugin, fsStore } from '@crystallize/artifacts';
import { CrystallizeError } from '@crystallize/core';
import { watchedStore } from '../../plugin/watched-store.ts';
import { type Shared, WorkerHalf } from '../../plugin/worker-half.ts';
import { say, told } from './told.ts';

const [, root = '', form, how] = process.argv.slice(2);
let stops = true;
const watched = watchedStore(fsStore(root, { durability: 'process' }), (operation) => {
  if (operation !== 'put' || !stops) return;
  stops = false;
  process.kill(process.pid, 'SIGSTOP');
});
const store = how === 'naive' ? { ...watched, holds: async () => true } : watched;
const body = Buffer.from('of the worker that was stopped');

async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
}

const { shared, cell } = JSON.parse(await told()) as { shared: Shared; cell: { replicate: number } };
const worker = await WorkerHalf.join(new ArtifactPlugin({ store }), shared);
const spec = { ...cell, condition: 'baseline', seed: 1 };
worker.begin(spec);
try {
  await worker.write(spec, 'data.json', form === 'stream' ? stream() : body);
  say('stored');
} catch (error) {
  say(error instanceof CrystallizeError ? error.code : String(error));
}
