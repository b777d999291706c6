import type { ExperimentInfo } from '../plugin/records.ts';
import { CellStore } from './cell-store.ts';
import type { Provenance, Result } from './result.ts';
import { RunResult } from './run-result.ts';

/** @internal The result of an experiment of a graph that has no cells: it threw, or was skipped. */
export function missingResult(
  experiment: ExperimentInfo,
  status: 'failed' | 'skipped',
  error: Error,
): Result {
  return new RunResult({
    status,
    experiment,
    cells: new CellStore(0, ['baseline']),
    hypotheses: [],
    errors: [],
    error,
    warnings: () => [],
    provenance: emptyProvenance(),
    seed: 0,
    replicates: 0,
    version: undefined,
    dir: undefined,
    executed: 0,
    restored: 0,
    accepted: [],
    openArtifacts: () => [],
  });
}

function emptyProvenance(): Provenance {
  return {
    run: '',
    startedAt: new Date(),
    inputs: [],
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    packages: {},
    git: undefined,
    module: undefined,
    definition: async () => ({
      pipeline: [],
      conditions: {},
      initialContext: '',
      datasource: '',
      code: { modules: {}, packages: {}, uncovered: [] },
    }),
    cells: () => [].values(),
    cell: () => undefined,
  };
}
