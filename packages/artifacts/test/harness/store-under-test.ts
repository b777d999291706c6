import { type ArtifactStore, fsStore, memoryStore, type StoreLog } from '@crystallize/artifacts';
import { crashImage } from './crash-image.ts';
import { crashStatesAt } from './crash-states.ts';
import { diskRoot, MemoryDisk } from './memory-disk.ts';
import { RecordingFileSystem } from './recording-file-system.ts';

/** A store that can lose its power, where it is one that has any. */
export interface StoreUnderTest {
  store: ArtifactStore;
  /** Logs that are open, by key. */
  readonly logs: Map<string, StoreLog>;
  /**
   * Starts an operation, lets the power fail somewhere in it, and opens the store again. Without an
   * operation the power fails while nothing is going on.
   */
  readonly crash?: (moment: Moment, operation?: () => Promise<unknown>) => Promise<void>;
}

/** Where the power fails, and what survives. */
export interface Moment {
  /** From 0 to 1: how far the operation has come. */
  readonly progress: number;
  readonly seed: number;
}

/** A store in memory, which has no power to lose. */
export function memoryStoreUnderTest(): StoreUnderTest {
  return { store: memoryStore(), logs: new Map() };
}

/** A store in files. */
export function fileStoreUnderTest(): StoreUnderTest {
  let recorder = new RecordingFileSystem(diskRoot, { base: new MemoryDisk() });
  const open = () => fsStore(`${diskRoot}/store`, { fs: recorder.fs });
  const tested: StoreUnderTest = {
    store: open(),
    logs: new Map(),
    async crash({ progress, seed }, operation) {
      const before = recorder.journal.events.length;
      await operation?.();
      const { journal } = recorder;
      const point = before + Math.round(progress * (journal.events.length - before));
      const states = [...crashStatesAt(journal, point, { subsets: 6, singles: 4, seed })];
      const state = states[seed % states.length];
      const disk = crashImage(journal, point, state?.fateOf ?? (() => 'kept'));
      recorder = new RecordingFileSystem(diskRoot, { base: disk });
      tested.logs.clear();
      tested.store = open();
    },
  };
  return tested;
}
