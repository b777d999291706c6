import type { ArtifactTarget } from '../plugin/plugin.ts';
import type { ArtifactRecord, CellSpec, ErrorRecord } from '../plugin/records.ts';

/** @internal What a lane of a pool starts in a worker; sent as the worker's one task. */
export interface LaneTask {
  /** See `descriptionToText`. */
  readonly description: string;
  /** Whether anyone listens to the events of cells. */
  readonly observed: boolean;
  /** Whether the main process is on another machine, so that its data has to be compared as well. */
  readonly elsewhere: boolean;
  /** Where this machine has the experiment's module. */
  readonly argv: readonly string[];
  /** The link to the pool, for a thread; a process has its own channel. */
  readonly port?: MessagePort;
}

type MessagePort = import('node:worker_threads').MessagePort;

/** @internal A cell on its way to a worker. */
export interface SentCell extends CellSpec {
  /** Unique in its lane. */
  readonly id: number;
  /** Which try it is, from 1. */
  readonly attempt: number;
  /** What earlier tries have written; absent: nothing. */
  readonly earlier?: readonly ArtifactRecord[];
  /** Whether the worker has to ask if the try still counts. */
  readonly shared?: true;
}

/** @internal From the pool to a worker. */
export type ToWorker =
  /** To be run in this order. `live`: each is long enough for what happens in it to be told at once. */
  | { readonly type: 'cells'; readonly cells: readonly SentCell[]; readonly live: boolean }
  /** The run is to end: the signal of the cell under way is aborted. */
  | { readonly type: 'end'; readonly reason: ErrorRecord }
  /** Nothing more will come: the steps are torn down, and the task ends. */
  | { readonly type: 'close' }
  /** To an `ask`. */
  | { readonly type: 'answer'; readonly id: number; readonly text: string };

/** @internal From a worker to the pool. */
export type FromWorker =
  | { readonly type: 'ready' }
  /** The experiment could not be made, or a plugin's `init` failed: no cell will run here. */
  | { readonly type: 'refused'; readonly error: ErrorRecord }
  /** Cells that have ended, each with its record as text; `undefined` where the run ended before. */
  | { readonly type: 'ended'; readonly cells: readonly (readonly [id: number, record: string | undefined])[] }
  /** The events of cells, as text, in order. */
  | { readonly type: 'events'; readonly events: readonly string[] }
  | { readonly type: 'warning'; readonly message: string }
  /** The cell under way has come to a step. */
  | { readonly type: 'step'; readonly step: string }
  /** An artifact is in its place; `bytes` where no store of the worker's keeps it. */
  | {
      readonly type: 'wrote';
      readonly target: ArtifactTarget;
      readonly artifact: ArtifactRecord;
      readonly bytes?: Uint8Array;
    }
  /** Storage failed in a cell: the run can't go on. */
  | { readonly type: 'failed'; readonly cell: number; readonly error: ErrorRecord }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | LastWords;

/** @internal What a worker says before it ends early; everything that it had to tell of its cells came before. */
export type LastWords = Whereabouts &
  (
    | /** `process.exit` was called. */
    {
        readonly type: 'exit';
        readonly code: number | string | undefined;
        readonly stack: string | undefined;
      }
    /** Something was thrown that nobody caught. */
    | { readonly type: 'crash'; readonly error: ErrorRecord }
  );

/** @internal Where a worker is: in a cell and one of its steps, or in none. */
export interface Whereabouts {
  readonly cell?: number;
  readonly step?: string;
}

/** @internal What a worker asks the main process while it goes on. */
export type Question =
  /** Whether the try of the cell under way still counts: `'true'` or `'false'`. */
  | { readonly about: 'current'; readonly cell: number }
  /** How an earlier call in the main process ended; see `PastCalls`. */
  | { readonly about: 'past'; readonly call: string };
