import {
  type ArtifactStore,
  identifyProcess,
  livenessOf,
  lockKey,
  type ProcessIdentity,
  privateFolder,
  type ReadableStore,
  RunLockedError,
} from '@crystallize/core/storage';
import { replacementPrefix } from '../artifact-plugin/replacement-label.ts';

/** What is going on with a version. */
export interface VersionState {
  /** A process writes it, or may: it is on another machine. */
  readonly isWritten: boolean;
  /** A writer has not let go of it, dead or alive: it may have stopped between any two files. */
  readonly isLocked: boolean;
  /** A run that is not versioned was replacing it: a part of it may lie aside. */
  readonly isReplaced: boolean;
}

/** Looks at locks without taking any, where a store keeps them in files. */
export async function stateOf(
  store: ReadableStore,
  directory: string,
  version: number,
): Promise<VersionState> {
  const isReplaced = version === 0 && (await isBeingReplaced(store, directory));
  const key = lockKey(directory, version === 0 ? undefined : version);
  if (store.localPath) {
    const lock = await store.get(key);
    return { isReplaced, isLocked: lock !== undefined, isWritten: lock !== undefined && mayLive(lock) };
  }
  const isWritten = 'lock' in store && (await isHeld(store as ArtifactStore, key));
  return { isReplaced, isLocked: isWritten, isWritten };
}

async function isBeingReplaced(store: ReadableStore, directory: string): Promise<boolean> {
  const folder = `${privateFolder(directory)}/aside`;
  for (const { name: label } of await store.children(folder)) {
    if (!label.startsWith(replacementPrefix)) continue;
    const aside = await store.children(`${folder}/${label}`);
    if (aside.some(({ name }) => name === 'files' || name === 'records')) return true;
  }
  return false;
}

function mayLive(lock: Uint8Array): boolean {
  try {
    const owner = JSON.parse(Buffer.from(lock).toString('utf8')) as ProcessIdentity;
    return livenessOf(owner, identifyProcess()) !== 'dead';
  } catch {
    // A lock that does not say who holds it belongs to nobody who lives.
    return false;
  }
}

/** Where locks can't be seen: tries to take it, and lets go at once. */
async function isHeld(store: ArtifactStore, key: string): Promise<boolean> {
  try {
    await (await store.lock(key)).release();
    return false;
  } catch (error) {
    if (error instanceof RunLockedError) return true;
    throw error;
  }
}
