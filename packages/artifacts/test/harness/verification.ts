import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ArtifactStore, openRuns, type ReadableStore } from '@crystallize/artifacts';
import { expect } from 'vitest';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { nodesOf } from './disk-node.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** The product itself finds nothing wrong with a store. No run may have left a lock in it. */
export async function checkVerified(store: ArtifactStore): Promise<void> {
  const { faults } = await openRuns({ store: onlyReading(store) }).verify();
  expect(faults, 'faults that verify finds').toEqual([]);
}

/** The same for what a crash has left, with locks and all, copied to files of this machine. */
export async function checkVerifiedOnFiles(disk: MemoryDisk): Promise<void> {
  using folder = temporaryFolder();
  const root = mkdtempSync(join(folder.path, 'disk-'));
  for (const [path, node] of nodesOf(disk.root)) {
    mkdirSync(node.kind === 'folder' ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (node.kind === 'file') writeFileSync(join(root, path), node.bytes);
  }
  const { faults } = await openRuns({ rootDir: join(root, 'store') }).verify();
  rmSync(root, { recursive: true });
  // A lock is not synced. Without it nothing tells that a run was in its last moment, so that verify misses
  // what a resume derives once more.
  const others = faults.filter(({ kind, path }) => kind !== 'missing' || !derived.test(path));
  expect(others, 'faults that verify finds after the crash').toEqual([]);
}

const derived = /\/(metadata\.json|_manifest\.json|results\.json|\.crystallize_complete)$/;

/** Without paths on this machine, where nothing of a disk in memory is to be found, and without locks. */
function onlyReading(store: ArtifactStore): ReadableStore {
  return {
    location: store.location,
    size: (key) => store.size(key),
    get: (key) => store.get(key),
    stream: (key) => store.stream(key),
    children: (folder) => store.children(folder),
    list: (folder) => store.list(folder),
    readLog: (key) => store.readLog(key),
  };
}
