import { ExperimentInvalidError } from '@crystallize/core';
import type { ReadableStore } from '@crystallize/core/storage';

/** Which stored run is read, and how often. */
export interface UpstreamOptions {
  /**
   * Chosen once per run, and the same for all replicates: a number, or `latest`, the newest that has
   * finished. While none has, the newest that exists, with a warning. Default `latest`.
   */
  readonly version?: number | 'latest';
  /**
   * `cycle` lets the consumer have another count of replicates than the producer: replicate `i` reads
   * that of `i mod n`, with a warning. Default: another count is a {@link ReplicateMismatchError}.
   */
  readonly replicates?: 'cycle';
  /** Refuse a run without `metadata.json`, which stands for a finished one. Default `false`. */
  readonly requireMetadata?: boolean;
  /**
   * The folder with the runs; a relative path is resolved now, against the current directory. Default:
   * where the experiment's own plugin keeps them; of a name, where the plugin of the consumer does. It is
   * opened for reading alone: nothing there keeps retention from the version while it is read.
   */
  readonly rootDir?: string;
  /**
   * The store with the runs, in place of `rootDir`. One that can be written to, such as `fsStore(folder)`,
   * keeps retention from the version that is read until the run has ended.
   */
  readonly store?: ReadableStore;
}

/** Which file of a producer is read. */
export interface ArtifactFileOptions extends UpstreamOptions {
  /** The step that wrote it. */
  readonly step: string;
  /** The artifact's name. */
  readonly name: string;
  /** The producer's condition, for every condition of the consumer. Default `baseline`. */
  readonly condition?: string;
}

/** How a declared output is read. */
export interface ArtifactOutputOptions extends UpstreamOptions {
  /**
   * What a condition reads that the producer does not have: its baseline, said once in a warning and
   * recorded for each cell; or nothing, as a {@link TreatmentMissingError}. Default `baseline`.
   */
  readonly missingTreatment?: 'baseline' | 'error';
}

const common = ['version', 'replicates', 'requireMetadata', 'rootDir', 'store'];

/** What the types would tell, for those who have none. @throws ExperimentInvalidError */
export function checkOptions(call: string, options: object, own: readonly string[]): void {
  const problems: string[] = [];
  const known = [...own, ...common];
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      problems.push(`'${key}' is not an option. The options are: ${known.join(', ')}.`);
  }
  const given = options as Partial<Record<string, unknown>>;
  const { version, replicates, missingTreatment, rootDir, store } = given;
  if (!(version === undefined || version === 'latest' || isIndex(version))) {
    problems.push(`version is 'latest' or a whole number from 0, and was given as ${show(version)}.`);
  }
  if (!(replicates === undefined || replicates === 'cycle')) {
    problems.push(`replicates can only be 'cycle', and was given as ${show(replicates)}.`);
  }
  if (!(missingTreatment === undefined || missingTreatment === 'baseline' || missingTreatment === 'error')) {
    problems.push(`missingTreatment is 'baseline' or 'error', and was given as ${show(missingTreatment)}.`);
  }
  for (const key of ['step', 'name', 'condition', 'rootDir']) {
    if (!own.includes(key) && key !== 'rootDir') continue;
    const required = key === 'step' || key === 'name';
    const text = given[key];
    if (text === undefined ? required : typeof text !== 'string' || text === '') {
      problems.push(`${key} must be a string that is not empty, and was given as ${show(text)}.`);
    }
  }
  if (rootDir !== undefined && store !== undefined) {
    problems.push('rootDir and store both say where to look. Give one of them.');
  }
  if (store !== undefined && !(typeof store === 'object' && store !== null && 'children' in store)) {
    problems.push(`store must be an artifact store, and was given as ${show(store)}.`);
  }
  if (problems.length > 0) throw new ExperimentInvalidError(call, problems);
}

function isIndex(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? 'an object' : String(value);
}
