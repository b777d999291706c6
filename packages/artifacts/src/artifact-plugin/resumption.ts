import type { CellRecord, ResumedRun, RunHandle } from '@crystallize/core';
import {
  type ArtifactStore,
  type CellPlace,
  cellFolder,
  completeKey,
  metadataKey,
  parseReplicateName,
  supersededFolder,
  versionFolder,
} from '@crystallize/core/storage';
import type { Extent } from './extent.ts';
import { forEachOf } from './for-each-of.ts';
import { cellId } from './run-place.ts';

/** How a stored version goes on. */
export interface Resumption {
  readonly resumed: ResumedRun;
  /** The number of the session that goes on with it. */
  readonly session: number;
  /** How many bytes of each earlier session's log count. */
  readonly follows: readonly number[];
  /** What earlier sessions that ended in order asked for, newest first. */
  readonly earlier: readonly Extent[];
  /** Whether `metadata.json` was there: then all that is derived is there, and true. */
  readonly finished: boolean;
  /** Cells with a record that this run did not ask for, by {@link cellId}. */
  readonly beyond: ReadonlySet<string>;
  /** Cells of the Python original, which have no records yet. */
  readonly adopted: readonly CellRecord[];
}

/**
 * Whether anything is to be written at all: a resume that finds everything done, and all that is derived
 * in its place, leaves no trace.
 */
export function changesAnything({ resumed, finished }: Resumption): boolean {
  if (!finished) return true;
  return resumed.missing > 0 || resumed.superseded.length > 0 || resumed.accepted.length > 0;
}

/** The conditions of which a cell is missing or counts no more. */
export function changedConditions(
  run: RunHandle,
  { superseded, missing, has }: ResumedRun,
): readonly string[] {
  const changed = new Set(superseded.map(({ condition }) => condition));
  if (missing === 0) return [...changed];
  for (const condition of run.conditions) {
    for (let replicate = 0; replicate < run.replicates && !changed.has(condition); replicate++) {
      if (!has({ replicate, condition })) changed.add(condition);
    }
  }
  return [...changed];
}

/**
 * Takes back what says that the version is complete. It comes before the records are superseded: a
 * marker must never stand beside a cell that does not count.
 */
export async function withdrawMarkers(
  store: ArtifactStore,
  { directory, version }: VersionPlace,
  changed: readonly string[],
): Promise<void> {
  if (changed.length === 0) return;
  await store.remove(metadataKey(directory, version));
  await forEachOf(changed, (condition) => store.remove(completeKey(directory, version, condition)));
}

/**
 * Moves the files of cells that are to run again, or count no more, aside; also those of cells that
 * were under way when an earlier session was killed. So nothing that was published is replaced in place.
 *
 * @param confirm - Called right before each move; throws when the version is another run's by now.
 */
export async function moveFilesAside(
  store: ArtifactStore,
  { directory, version }: VersionPlace,
  run: RunHandle,
  { resumed, session, beyond }: Resumption,
  confirm: () => Promise<void>,
): Promise<void> {
  const superseded = new Set(resumed.superseded.map(cellId));
  const conditions = new Set(run.conditions);
  const isAskedFor = ({ condition, replicate }: CellPlace) =>
    conditions.has(condition) && replicate < run.replicates;
  // Without a record, a session that was killed has superseded it, or was running it.
  const hasRecord = (cell: CellPlace) => (isAskedFor(cell) ? resumed.has(cell) : beyond.has(cellId(cell)));
  const isOver = (cell: CellPlace) => superseded.has(cellId(cell)) || !hasRecord(cell);
  for await (const cell of cellsWithFiles(store, versionFolder(directory, version))) {
    if (!isOver(cell)) continue;
    await confirm();
    await store.moveAll(
      cellFolder(directory, version, cell),
      supersededFolder(directory, version, session, cell),
    );
  }
}

interface VersionPlace {
  readonly directory: string;
  readonly version: number;
}

async function* cellsWithFiles(store: ArtifactStore, folder: string): AsyncIterable<CellPlace> {
  for (const { name, kind } of await store.children(folder)) {
    const replicate = kind === 'folder' ? parseReplicateName(name) : undefined;
    if (replicate === undefined) continue;
    for (const child of await store.children(`${folder}/${name}`)) {
      if (child.kind === 'folder') yield { replicate, condition: child.name };
    }
  }
}
