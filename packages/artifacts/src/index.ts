export type {
  ArtifactStore,
  PutOptions,
  ReadableStore,
  RunMetadata,
  SavedArtifactTarget,
  SavedExperiment,
  SavedVersion,
  StoreChild,
  StoredObject,
  StoreLock,
  StoreLog,
} from '@crystallize/core/storage';
export { ArtifactPlugin } from './artifact-plugin/artifact-plugin.ts';
export type { ArtifactPluginOptions } from './artifact-plugin/artifact-plugin-options.ts';
export type { RunAddress } from './artifact-plugin/run-place.ts';
export type { WorkerAddress } from './artifact-plugin/worker-address.ts';
export { type FsStoreOptions, fsStore } from './fs-store/fs-store.ts';
export { memoryStore } from './memory-store/memory-store.ts';
export { type OpenRunsOptions, openRuns, type SavedRuns } from './open-runs/open-runs.ts';
