import { type ArtifactStore, identifyProcess, livenessOf, StorageError } from '@crystallize/core/storage';
import { tryLock } from './version-readers.ts';

/**
 * Who holds a lock, for people; `undefined` when nobody does, or somebody who is dead. Where a store keeps
 * locks in files nothing is written to find out. Elsewhere it is taken and released at once; one that can't
 * be taken for trouble of storage counts as free, since nothing is done under it.
 *
 * @throws StorageError when a lock's file can't be read.
 */
export async function holderOf(
  store: ArtifactStore,
  key: string,
  patience: number | undefined,
): Promise<string | undefined> {
  const path = store.localPath?.(key);
  if (path !== undefined) {
    const bytes = await store.get(key);
    return bytes && ownerIn(bytes, path);
  }
  try {
    const taken = await tryLock(store, key, patience);
    if (typeof taken === 'string') return taken;
    await taken.release();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
  return undefined;
}

/** The same words as those of the error that who takes such a lock gets. */
function ownerIn(bytes: Uint8Array, path: string): string | undefined {
  const here = identifyProcess();
  const owner = parseOwner(bytes);
  if (!owner)
    return `The lock ${path} does not say who holds it. If no run is going on there, remove the file.`;
  const liveness = livenessOf(owner, here);
  if (liveness === 'dead') return undefined;
  const isThis = liveness === 'alive' && owner.pid === here.pid;
  const who = isThis ? 'this process' : `the process ${owner.pid} on ${owner.host}`;
  const doubt = liveness === 'unknown' ? " Whether it still lives can't be seen from here." : '';
  const advice = isThis
    ? 'Wait until that run has ended.'
    : 'Wait until that has ended; if it has, remove the file.';
  return `${path} is held by ${who} since ${owner.takenAt}.${doubt} ${advice}`;
}

type Owner = Parameters<typeof livenessOf>[0] & { readonly takenAt: string };

function parseOwner(bytes: Uint8Array): Owner | undefined {
  try {
    const owner = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Owner>;
    const isWhole =
      typeof owner.host === 'string' && Number.isSafeInteger(owner.pid) && Number(owner.pid) > 0;
    return isWhole ? (owner as Owner) : undefined;
  } catch {
    // What to do about it is told by the caller.
    return undefined;
  }
}
