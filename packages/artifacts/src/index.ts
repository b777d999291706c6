export type {
  ArtifactStore,
  LockOptions,
  ProcessIdentity,
  Pruning,
  PutOptions,
  ReadableStore,
  RemoveOptions,
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
export { fsStore } from './fs-store/fs-store.ts';
export type { FsStoreOptions } from './fs-store/fs-store-options.ts';
export { memoryStore } from './memory-store/memory-store.ts';
export { type OpenRunsOptions, openRuns, type SavedRuns } from './open-runs/open-runs.ts';
export type { PrunedArtifact, PrunedVersion, PruneReport, PruneTrouble } from './retention/prune-report.ts';
export { type PruneOptions, pruneRuns } from './retention/prune-runs.ts';
export type {
  Fault,
  FaultKind,
  Verification,
  VerifyOptions,
  VerifyProgress,
} from './verify/verification.ts';
