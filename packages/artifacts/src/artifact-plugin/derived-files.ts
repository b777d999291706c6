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
import type { EndedCells, EndedCondition } from './ended-cells.ts';

/** How many conditions are written at once: enough to share the waiting, few enough for open files. */
const atOnce = 16;

/**
 * Writes what is derived from the records for people, other programs and Python 0.27: the results and
 * the marker of each condition, and the manifest.
 *
 * @param onlyComplete - Leaves out conditions of which a cell has not succeeded.
 */
export async function writeDerivedFiles(
  store: ArtifactStore,
  { directory, version }: { readonly directory: string; readonly version: number },
  run: RunHandle,
  cells: EndedCells,
  onlyComplete: boolean,
): Promise<void> {
  const waiting = [...run.conditions];
  const writeNext = async (): Promise<void> => {
    for (let condition = waiting.shift(); condition !== undefined; condition = waiting.shift()) {
      const ended = cells(condition);
      const complete = countDone(ended) >= run.replicates;
      if (onlyComplete && !complete) continue;
      await store.put(resultsKey(directory, version, condition), encodeResults(plainResults(ended.metrics)));
      // Only then: whoever sees the marker finds the results.
      if (complete) await store.put(completeKey(directory, version, condition), new Uint8Array());
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, writeNext));
  const manifest = deriveManifest(everyCell(run.conditions, cells), run.experiment.steps);
  await store.put(manifestKey(directory, version), encodeManifest(manifest));
}

function countDone({ cells }: EndedCondition): number {
  let done = 0;
  for (const { status } of cells()) if (status === 'done') done++;
  return done;
}

function* everyCell(conditions: readonly string[], cells: EndedCells) {
  for (const condition of conditions) yield* cells(condition).cells();
}
