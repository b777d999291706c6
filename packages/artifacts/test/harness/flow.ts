import type { ArtifactStore } from '@crystallize/artifacts';
import type { CellRecord } from '@crystallize/core';

/** What a flow works with, and whom it tells what it does. */
export interface Session {
  readonly store: ArtifactStore;
  /** A cell was reported as done, or as failed: it may not get lost from now on. */
  readonly onCell: (record: CellRecord) => void;
  /** A cell, `<replicate> <condition>`, begins to be run. */
  readonly onExecute: (cell: string) => void;
}

/** Something that people do with stored runs, and that may break off anywhere. */
export interface Flow {
  readonly name: string;
  /** Makes what is there before. */
  readonly arrange?: (session: Session) => Promise<unknown>;
  readonly act: (session: Session) => Promise<unknown>;
  /** What people do when `act` broke off. Once `act` has ended, it changes nothing any more. */
  readonly recover: (session: Session) => Promise<unknown>;
  /** Whether `act` takes the place of what `arrange` made, once it has told of a cell. */
  readonly replaces?: boolean;
  /** Cells of `arrange` that are never to be run again. */
  readonly kept?: readonly string[];
  /** Cells that fail whenever they run, and are run again whenever they are asked for. */
  readonly broken?: readonly string[];
}

/** A cell as its replicate and condition. */
export function cellName(cell: { readonly replicate: number; readonly condition: string }): string {
  return `${cell.replicate} ${cell.condition}`;
}

/** A session that only works. */
export function silentSession(store: ArtifactStore): Session {
  return { store, onCell: () => undefined, onExecute: () => undefined };
}
