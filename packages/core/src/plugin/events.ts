import type { ArtifactRecord, CellRecord, CellSpec, ExperimentInfo } from './records.ts';

/** How much a log line matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Everything a run reports while it goes on. `type` is `noun:phase`; all of it is plain data. */
export type RunEvent =
  /** Once, after every `beforeRun`. `cells` counts all that were asked for, `restored` those already there. */
  | {
      readonly type: 'run:start';
      readonly experiment: ExperimentInfo;
      readonly replicates: number;
      readonly conditions: readonly string[];
      readonly cells: number;
      readonly restored: number;
      readonly seed: number;
      readonly version?: number;
      readonly dir?: string;
    }
  /** Once per cell that runs, before its datasource is fetched. */
  | { readonly type: 'cell:start'; readonly cell: CellSpec }
  /** Once per step of a cell, before and after it runs. */
  | { readonly type: 'step:start'; readonly cell: CellSpec; readonly step: string }
  | {
      readonly type: 'step:end';
      readonly cell: CellSpec;
      readonly step: string;
      /** Milliseconds. */
      readonly duration: number;
      readonly failed: boolean;
      /** Set when it did not run: what it did came from the cache. */
      readonly cached?: true;
    }
  /** An artifact is whole in its place; its cell has not ended yet. */
  | { readonly type: 'artifact:written'; readonly cell: CellSpec; readonly artifact: ArtifactRecord }
  /** Once per cell, after every `commitCell` has resolved: what this says is done stays done. */
  | {
      readonly type: 'cell:end';
      readonly cell: CellRecord;
      /** Cells ended until now, restored ones included. */
      readonly ended: number;
      readonly cells: number;
    }
  /** `ctx.log`. */
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly data?: unknown;
      readonly cell?: CellSpec;
      readonly step?: string;
    }
  /** `ctx.emit(name, payload)`. */
  | {
      readonly type: 'custom';
      readonly name: string;
      readonly payload: unknown;
      readonly cell: CellSpec;
      readonly step: string;
    }
  /** Something the user should know, as in `result.warnings`. Each text is reported once. */
  | { readonly type: 'warning'; readonly message: string }
  /** Last, once, after every `afterRun`. */
  | { readonly type: 'run:end'; readonly status: 'done' | 'failed' | 'aborted'; readonly dir?: string };

/**
 * What `onEvent` takes: an event, and the experiment whose run reports it, since those of a graph share a
 * listener. It must return at once; a throw becomes a warning of the run.
 */
export type EventListener = (event: RunEvent, experiment: ExperimentInfo) => void;
