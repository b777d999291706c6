export type { AttemptSpec, GivenTreatment, ModuleCall, RunDescription } from './plugin/records.ts';
export type {
  CellPool,
  CellPoolOptions,
  PooledCellOptions,
} from './worker/cell-pool.ts';
export { cellRecordFromText, cellRecordToText } from './worker/cell-record-text.ts';
export { descriptionFromText, descriptionToText } from './worker/description-text.ts';
export { openCellPool } from './worker/open-cell-pool.ts';
export type { WorkerRuntime } from './worker/worker-runtime.ts';
