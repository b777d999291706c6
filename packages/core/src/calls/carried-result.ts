import type { HypothesisResult } from '../definition/hypothesis.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { CellFailedError } from '../errors/run-errors.ts';
import { recordError, reviveError } from '../plugin/error-record.ts';
import type { CellRecord, ErrorRecord, ExperimentInfo, RunDefinition, RunInput } from '../plugin/records.ts';
import { CellStore } from '../result/cell-store.ts';
import { openArtifacts } from '../result/open-artifacts.ts';
import type { Provenance, Result } from '../result/result.ts';
import { provenanceOf } from '../result/run-provenance.ts';
import { RunResult } from '../result/run-result.ts';
import { CellLogEncoder } from '../storage/cell-log.ts';
import { decodeValue, type EncodedValue, encodeValue } from '../storage/values.ts';
import { CellRecordReader, recordToText } from '../worker/cell-record-text.ts';
import { bringFiles, type CarriedFile, carryFiles } from './carried-files.ts';
import { savedFiles } from './saved-files.ts';

/** @internal A result as JSON. */
export interface CarriedResult {
  /** See {@link Summary}. */
  readonly summary: EncodedValue;
  /** The cells, as `recordToText` makes them, in order. */
  readonly cells: readonly string[];
  /** Artifacts that lie in no store. */
  readonly files: readonly CarriedFile[];
  readonly error?: ErrorRecord;
  /** By index of the hypothesis. */
  readonly hypothesisErrors: Readonly<Record<number, ErrorRecord>>;
}

interface Summary
  extends Pick<
    Result,
    'status' | 'seed' | 'replicates' | 'version' | 'dir' | 'executed' | 'restored' | 'accepted' | 'warnings'
  > {
  readonly experiment: ExperimentInfo;
  readonly conditions: readonly string[];
  readonly hypotheses: readonly Omit<HypothesisResult, 'error'>[];
  readonly provenance: Pick<
    Provenance,
    'run' | 'startedAt' | 'node' | 'platform' | 'packages' | 'git' | 'module'
  > & {
    readonly inputs: readonly RunInput[];
    readonly definition: RunDefinition;
  };
}

/** @internal @throws UnsupportedValueError when a verifier returned what is no plain data. */
export async function carryResult(result: Result): Promise<CarriedResult> {
  const { status, seed, replicates, version, dir, executed, restored, accepted, warnings, experiment } =
    result;
  const conditions = ['baseline', ...Object.keys(result.treatments)];
  const { run, startedAt, node, platform, packages, git, module, inputs } = result.provenance;
  const definition = await result.provenance.definition();
  const summary: Summary = {
    ...{ status, seed, replicates, version, dir, executed, restored, accepted, warnings, experiment },
    conditions,
    hypotheses: result.hypotheses.map(({ name, results, ranking }) => ({ name, results, ranking })),
    provenance: { run, startedAt, node, platform, packages, git, module, inputs, definition },
  };
  const encoder = new CellLogEncoder();
  const cells: string[] = [];
  for (const condition of conditions) {
    const side = condition === 'baseline' ? result.baseline : result.treatments[condition];
    for (const record of side?.eachCell() ?? []) cells.push(recordToText(encoder, record));
  }
  const failed = result.hypotheses.flatMap(({ error }, index) =>
    error ? [[index, recordError(error)]] : [],
  );
  return {
    summary: encodeValue(summary),
    cells,
    files: await carryFiles(result),
    hypothesisErrors: Object.fromEntries(failed),
    ...(result.error ? { error: recordError(result.error) } : {}),
  };
}

/**
 * @internal The result in another process. Its artifacts are read from where the experiment's plugin keeps them, or have come with it.
 * @throws RecordUnreadableError
 */
export async function resultFrom(carried: CarriedResult, experiment: ResolvedExperiment): Promise<Result> {
  const { conditions, provenance, hypotheses, warnings, ...summary } = decodeValue(
    carried.summary,
  ) as Summary;
  const cells = new CellStore(summary.seed, conditions);
  const reader = new CellRecordReader();
  const errors: CellFailedError[] = [];
  for (const text of carried.cells) {
    const { record } = reader.read(text);
    cells.add(record);
    if (record.error) errors.push(failureOf(record, record.error));
  }
  const { version } = summary;
  const { outputs, info, plugins } = experiment;
  const sink =
    version === undefined
      ? await bringFiles(info.directory, carried.files)
      : savedFiles(info, plugins, version);
  return new RunResult({
    ...summary,
    cells,
    errors: errors.sort(
      (a, b) =>
        a.replicate - b.replicate || conditions.indexOf(a.condition) - conditions.indexOf(b.condition),
    ),
    hypotheses: hypotheses.map((one, index) => {
      const error = carried.hypothesisErrors[index];
      return error ? { ...one, error: reviveError(error) } : one;
    }),
    ...(carried.error ? { error: reviveError(carried.error) } : {}),
    warnings: () => warnings,
    provenance: carriedProvenance(provenance, cells),
    openArtifacts: () => openArtifacts(cells, { replicates: summary.replicates, conditions }, sink, outputs),
  });
}

function failureOf(record: CellRecord, error: ErrorRecord): CellFailedError {
  return new CellFailedError(record, record.failedStep ?? 'datasource', reviveError(error), error.message);
}

function carriedProvenance({ definition, ...known }: Summary['provenance'], cells: CellStore): Provenance {
  return {
    ...known,
    definition: async () => definition,
    *cells() {
      for (const condition of cells.conditions) {
        for (const record of cells.records(condition)) yield provenanceOf(record);
      }
    },
    cell(condition, replicate) {
      const record = cells.record(condition, replicate);
      return record && provenanceOf(record);
    },
  };
}
