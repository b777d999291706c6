import type { CellRecord, ExperimentInfo } from '@crystallize/core';
import {
  type ArtifactStore,
  artifactKey,
  CellLogEncoder,
  cellLogKey,
  claimKey,
  encodeClaim,
  encodeMetadata,
  metadataKey,
  type ReadableStore,
  type SavedVersion,
  type SessionStart,
  savedExperiment,
} from '@crystallize/core/storage';

const owner = { host: 'host', pid: 1 };

/** What the test runs are of. */
export const experiment: ExperimentInfo = {
  name: 'penguins',
  id: 'f'.repeat(64),
  directory: 'penguins',
  steps: ['split', 'fit'],
  outputs: ['model.json'],
};

/** A cell with one metric and no artifacts. */
export function cellOf(replicate: number, condition: string, changes: Partial<CellRecord> = {}): CellRecord {
  return {
    replicate,
    condition,
    seed: replicate,
    status: 'done',
    metrics: [{ metric: 'accuracy', value: replicate + 0.5, step: 'fit' }],
    artifacts: [],
    inputs: [],
    steps: [],
    startedAt: 1,
    duration: 1,
    attempts: 1,
    ...changes,
  };
}

/** Stores artifacts of a cell; the record then names them. */
export async function withArtifacts(
  store: ArtifactStore,
  version: number,
  cell: CellRecord,
  artifacts: Readonly<Record<string, string>>,
): Promise<CellRecord> {
  const records = [];
  for (const [place, text] of Object.entries(artifacts)) {
    const [step = '', ...rest] = place.split('/');
    const name = rest.join('/');
    const key = artifactKey('penguins', version, { ...cell, step, name });
    records.push({ step, name, ...(await store.put(key, Buffer.from(text))) });
  }
  return { ...cell, artifacts: records };
}

/** Stores a version as a run would. */
export async function saveRun(
  store: ArtifactStore,
  version: number,
  cells: readonly CellRecord[],
  options: { readonly finished?: boolean; readonly session?: Partial<SessionStart> } = {},
): Promise<void> {
  await store.put(
    claimKey('penguins', version),
    encodeClaim({ run: `run-${version}`, claimedAt: 1, owner }),
    { ifAbsent: true },
  );
  const encoder = new CellLogEncoder();
  const session: SessionStart = {
    session: 0,
    run: `run-${version}`,
    experiment,
    seed: 0,
    replicates: 2,
    conditions: ['baseline', 'wide', 'deep'],
    definition: {
      pipeline: [],
      conditions: {},
      initialContext: '',
      datasource: '',
      code: { modules: {}, packages: {}, uncovered: [] },
    },
    inputs: [],
    environment: { node: '24', platform: 'linux', packages: {} },
    startedAt: 1,
    owner,
    follows: [],
    ...options.session,
  };
  const log = await store.createLog(cellLogKey('penguins', version, session.session));
  await log.append(encoder.session(session));
  for (const cell of cells) await log.append(encoder.cell(cell).bytes);
  await log.close();
  if (options.finished ?? true) {
    await store.put(
      metadataKey('penguins', version),
      encodeMetadata({ replicates: 2, id: experiment.id, name: 'penguins' }),
    );
  }
}

/** Version 0: two replicates of three conditions, where one cell failed and one has not run. */
export async function saveExample(store: ArtifactStore): Promise<SavedVersion> {
  const artifacts = {
    'split/rows.csv': 'a,b\n',
    'fit/model.json': '{"k": 5}',
    'fit/plots/loss.svg': '<svg/>',
  };
  const cells = [
    await withArtifacts(store, 0, cellOf(1, 'baseline'), artifacts),
    await withArtifacts(store, 0, cellOf(0, 'baseline'), { ...artifacts, 'split/model.json': '{}' }),
    await withArtifacts(store, 0, cellOf(0, 'wide'), { 'fit/model.json': '{"k": 9}' }),
    await withArtifacts(
      store,
      0,
      cellOf(1, 'wide', {
        status: 'failed',
        failedStep: 'fit',
        error: { name: 'Error', message: 'no convergence' },
      }),
      { 'split/rows.csv': 'half' },
    ),
    cellOf(0, 'deep', { metrics: [{ metric: 'accuracy', value: Number.NaN, step: 'fit' }] }),
  ];
  await saveRun(store, 0, cells);
  return newest(store);
}

/** The newest version that is stored. */
export async function newest(store: ReadableStore): Promise<SavedVersion> {
  return (await savedExperiment(store, 'penguins').versions()).at(-1) as SavedVersion;
}
