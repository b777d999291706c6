import type { RunHandle } from '@crystallize/core';
import {
  type ArtifactStore,
  completeKey,
  deriveManifest,
  encodeManifest,
  encodeResults,
  manifestKey,
  plainResults,
  resultsKey,
} from '@crystallize/core/storage';
import { type EndedCells, type EndedCondition, everyCell } from './ended-cells.ts';
import { forEachOf } from './for-each-of.ts';

/** Which of the derived files are to be written. */
export interface DerivedSelection {
  readonly conditions: readonly string[];
  /** Leaves out conditions of which a cell has not succeeded. */
  readonly onlyComplete: boolean;
}

/**
 * Writes what is derived from the records for people, other programs and Python 0.27: the results and
 * the marker of each condition, and the manifest.
 */
export async function writeDerivedFiles(
  store: ArtifactStore,
  { directory, version }: { readonly directory: string; readonly version: number },
  run: RunHandle,
  cells: EndedCells,
  { conditions, onlyComplete }: DerivedSelection,
): Promise<void> {
  await forEachOf(conditions, async (condition) => {
    const ended = cells.of(condition);
    const complete = countDone(ended) >= run.replicates;
    if (onlyComplete && !complete) return;
    await store.put(resultsKey(directory, version, condition), encodeResults(plainResults(ended.metrics)));
    // Only then: whoever sees the marker finds the results.
    if (complete) await store.put(completeKey(directory, version, condition), new Uint8Array());
  });
  const manifest = deriveManifest(everyCell(cells), run.experiment.steps);
  await store.put(manifestKey(directory, version), encodeManifest(manifest));
}

function countDone({ cells }: EndedCondition): number {
  let done = 0;
  for (const { status } of cells()) if (status === 'done') done++;
  return done;
}
