import { createHash } from 'node:crypto';
import type { ArtifactRecord, CellRecord, RunHandle, StoredCellRecord, StoredRun } from '@crystallize/core';
import {
  type ArtifactStore,
  artifactKey,
  completeKey,
  metadataKey,
  parseMetadata,
  parseResults,
  resultsKey,
  type SavedVersion,
  savedExperiment,
} from '@crystallize/core/storage';

/**
 * A run of Crystallize for Python as core goes on with it: each condition whose marker is there, and
 * that has one value of each metric per replicate, counts as so many cells. Seeds, durations and the
 * steps that recorded a metric are not known; sizes and hashes of artifacts are taken of what is there.
 * `undefined` when no condition will do.
 */
export async function pythonRun(
  store: ArtifactStore,
  run: RunHandle,
  version: number,
): Promise<StoredRun | undefined> {
  const { directory } = run.experiment;
  const saved = (await savedExperiment(store, directory).versions()).find((one) => one.version === version);
  if (!saved) return undefined;
  const metadata = await store.get(metadataKey(directory, version));
  // A run that was killed has none; then there must be as many values as this run asks for.
  const { replicates } = metadata ? parseMetadata(metadata, metadataKey(directory, version)) : run;
  const cells: StoredCellRecord[] = [];
  const artifacts = await artifactsOf(saved);
  for (const condition of await saved.conditions()) {
    if ((await store.size(completeKey(directory, version, condition))) === undefined) continue;
    const key = resultsKey(directory, version, condition);
    const results = await store.get(key);
    const metrics = Object.entries(results ? parseResults(results, key).metrics : {});
    if (metrics.length === 0 || metrics.some(([, values]) => values.length !== replicates)) {
      if (run.conditions.includes(condition))
        run.warn(
          `'${condition}' of v${version} is marked complete, but its results.json has not one value of each metric for each of ${replicates} replicates: it is run again.`,
        );
      continue;
    }
    for (let replicate = 0; replicate < replicates; replicate++) {
      const record = cellOf(replicate, condition, metrics, artifacts.get(`${replicate}/${condition}`) ?? []);
      cells.push({ record, condition: undefined });
    }
  }
  if (cells.length === 0) return undefined;
  return {
    version,
    seed: undefined,
    definition: undefined,
    inputs: [],
    accepted: [],
    cells,
    has: async (cell, { step, name }) =>
      (await store.size(artifactKey(directory, version, { ...cell, step, name }))) !== undefined,
  };
}

function cellOf(
  replicate: number,
  condition: string,
  metrics: readonly (readonly [string, readonly unknown[]])[],
  artifacts: readonly ArtifactRecord[],
): CellRecord {
  return {
    replicate,
    condition,
    seed: Number.NaN,
    status: 'done',
    metrics: metrics.map(([metric, values]) => ({ metric, value: values[replicate], step: '' })),
    artifacts,
    steps: [],
    inputs: [],
    startedAt: 0,
    duration: 0,
    attempts: 1,
  };
}

async function artifactsOf(saved: SavedVersion): Promise<ReadonlyMap<string, readonly ArtifactRecord[]>> {
  const found = new Map<string, ArtifactRecord[]>();
  for (const file of await saved.artifacts()) {
    const hash = createHash('sha256');
    let size = 0;
    for await (const piece of file.stream()) {
      size += piece.length;
      hash.update(piece);
    }
    const cell = `${file.replicate}/${file.condition}`;
    const records = found.get(cell) ?? [];
    records.push({ step: file.step, name: file.name, size, sha256: hash.digest('hex') });
    found.set(cell, records);
  }
  return found;
}
