import { inspect } from 'node:util';
import { type ArtifactStore, openRuns, type SavedVersion } from '@crystallize/artifacts';
import { type ArtifactFile, ArtifactNotFoundError, type CellRecord } from '@crystallize/core';
import { loadCellLogs, pruningKey } from '@crystallize/core/storage';
import { cellName } from './flow.ts';

/** One stored run as far as two runs of the same experiment agree: without times, ids and number. */
export interface Observation {
  readonly finished: boolean;
  /** How the newest session ended; `undefined` for one that broke off. */
  readonly ended: string | undefined;
  /** Each cell's values, artifacts and error, by cell. */
  readonly cells: Readonly<Record<string, string>>;
  /** What its folder holds, by path below it. */
  readonly files: Readonly<Record<string, string>>;
  /** What was put aside, as paths with contents, whichever session did it. */
  readonly superseded: readonly string[];
}

/** Every stored run of the probe that holds a cell, oldest first. Reading artifacts checks them. */
export async function observe(store: ArtifactStore): Promise<readonly Observation[]> {
  const observations: Observation[] = [];
  for (const version of await openRuns({ store }).experiment('probe').versions()) {
    const cells = await observeCells(store, version);
    if (Object.keys(cells).length === 0) continue;
    const files = await observeFiles(store, `probe/v${version.version}`);
    const ended = (await loadCellLogs(store, 'probe', version.version))?.ended?.status;
    const aside = await observeFiles(store, `probe/.crystallize/v${version.version}/superseded`);
    const superseded = Object.entries(aside).map(
      ([path, text]) => `${path.slice(path.indexOf('/') + 1)}: ${text}`,
    );
    observations.push({ finished: version.finished, ended, cells, files, superseded });
  }
  return observations;
}

/** Each cell of a version, with its artifacts. */
export async function observeCells(
  store: ArtifactStore,
  version: SavedVersion,
): Promise<Record<string, string>> {
  const contents = new Map<string, string[]>();
  const isPruned = (await store.size(pruningKey('probe', version.version))) !== undefined;
  for (const artifact of await version.artifacts()) {
    const cell = cellName(artifact);
    const text = await textOf(artifact, isPruned);
    contents.set(cell, [...(contents.get(cell) ?? []), `${artifact.step}/${artifact.name}: ${text}`]);
  }
  const cells: Record<string, string> = {};
  for (const record of await version.cells())
    cells[cellName(record)] = inspect(
      [...contentOf(record), contents.get(cellName(record)) ?? []],
      inspecting,
    );
  return cells;
}

/** What an artifact holds; only that of a version that was pruned may be gone. */
async function textOf(artifact: ArtifactFile, isPruned: boolean): Promise<string> {
  try {
    return Buffer.from(await artifact.bytes()).toString('latin1');
  } catch (error) {
    if (isPruned && error instanceof ArtifactNotFoundError) return 'pruned';
    throw error;
  }
}

function contentOf({ status, seed, metrics, artifacts, steps, failedStep, error }: CellRecord): unknown[] {
  const ran = steps.map(({ step, params, read, wrote }) => ({ step, params, read, wrote }));
  return [status, seed, metrics, artifacts, ran, failedStep, error?.message];
}

async function observeFiles(store: ArtifactStore, folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { key } of store.list(folder)) {
    const text = Buffer.from((await store.get(key)) ?? []).toString('latin1');
    files[key.slice(folder.length + 1)] = key.endsWith('metadata.json') ? withoutTimes(text) : text;
  }
  return files;
}

function withoutTimes(metadata: string): string {
  const { run, startedAt, endedAt, ...lasting } = JSON.parse(metadata) as Record<string, unknown>;
  return inspect([typeof run, typeof startedAt, typeof endedAt, lasting], inspecting);
}

const inspecting = { depth: 9, sorted: true, maxStringLength: null, breakLength: 120 };
