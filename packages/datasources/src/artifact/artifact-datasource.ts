import {
  type Artifact,
  type ArtifactFile,
  type Datasource,
  type ExperimentInfo,
  ExperimentInvalidError,
  type UpstreamExperiment,
  type UpstreamObject,
} from '@crystallize/core';
import { didYouMean } from '../nearest-name.ts';
import { type ArtifactFileOptions, type ArtifactOutputOptions, checkOptions } from './artifact-options.ts';
import { type PreparedUpstream, UpstreamReader } from './upstream-reader.ts';

/** An experiment that declares outputs. */
export interface Producer<out Output> extends UpstreamObject {
  readonly outputs: readonly Output[];
}

/** What an artifact's codec loads. */
export type Loaded<A> = A extends Artifact<infer T, string> ? T : never;

/**
 * A file that another experiment has written, for each replicate: its path, bytes, text, JSON or
 * stream. Works in a process in which that experiment never ran.
 *
 * The run that is read is chosen once per run of the consumer, and its count of replicates is the
 * consumer's. Provenance records version and sha256 of what was read.
 *
 * @param experiment - The producer, or its name; a name alone is looked for where the consumer's
 *   own plugin stores.
 * @throws ArtifactNotFoundError (from the run) when there is no such run; of a cell, when the file is missing.
 * @throws ReplicateMismatchError (from the run) when another count of replicates was asked for.
 * @example
 * artifactDatasource(training, { step: 'fit', name: 'model.json' })
 * @example
 * artifactDatasource('python-producer', { step: 'WriteCsvStep', name: 'rows.csv', rootDir: 'data' })
 */
export function artifactDatasource(
  experiment: UpstreamExperiment,
  options: ArtifactFileOptions,
): Datasource<ArtifactFile>;
/**
 * A declared output of another experiment, decoded: each cell gets that of its own condition, where
 * the producer has it.
 *
 * @throws TreatmentMissingError (from the run) where it has not, with `missingTreatment: 'error'`.
 * @throws UpstreamFailedError (of a cell) when the producer's cell failed.
 * @example
 * const training = new Experiment({ name: 'training', outputs: [model], … });
 * const testing = new Experiment({ datasource: artifactDatasource(training, model), … });
 */
export function artifactDatasource<Output, A extends Output>(
  experiment: Producer<Output>,
  artifact: A,
  options?: ArtifactOutputOptions,
): Datasource<Loaded<A>>;
/** The same by the producer's name, where its code is not at hand. */
export function artifactDatasource<T>(
  experiment: string,
  artifact: Artifact<T>,
  options?: ArtifactOutputOptions,
): Datasource<T>;
export function artifactDatasource(
  experiment: UpstreamExperiment,
  what: Artifact<unknown> | ArtifactFileOptions,
  options: ArtifactOutputOptions = {},
): Datasource<unknown> {
  const call = `artifactDatasource(${nameOf(experiment)}, …)`;
  if (isArtifact(what)) {
    checkOptions(call, options, ['missingTreatment']);
    checkOutput(call, experiment, what);
    const { missingTreatment: missing = 'baseline' } = options;
    const reader = new UpstreamReader(experiment, { name: what.name, missing }, options);
    return source(experiment, reader, (file) => what.codec.loader(file));
  }
  checkOptions(call, what ?? {}, ['step', 'name', 'condition']);
  const { step, name, condition = 'baseline' } = what;
  const reader = new UpstreamReader(experiment, { step, name, condition }, what);
  return source(experiment, reader, (file) => file);
}

function source<T>(
  experiment: UpstreamExperiment,
  reader: UpstreamReader,
  value: (file: ArtifactFile) => T | Promise<T>,
): Datasource<T> {
  const made: Datasource<T, object, PreparedUpstream> = {
    upstream: [experiment],
    prepare: (scope) => reader.prepare(scope),
    fetch: async (ctx, _params, prepared) => value(await reader.read(ctx, prepared)),
    inputsOf: (cell, prepared) => reader.identify(cell, prepared),
    fingerprint: () => reader.fingerprint(),
  };
  return made as unknown as Datasource<T>;
}

function nameOf(experiment: unknown): string {
  if (typeof experiment === 'string' && experiment !== '') return `'${experiment}'`;
  if (typeof experiment === 'object' && experiment !== null && 'info' in experiment) {
    return `'${(experiment.info as ExperimentInfo).directory}'`;
  }
  throw new ExperimentInvalidError('artifactDatasource(…)', [
    `its first argument is an Experiment or the name of one, and this is ${experiment === '' ? 'an empty string' : typeof experiment}.`,
  ]);
}

function isArtifact(what: Artifact<unknown> | ArtifactFileOptions): what is Artifact<unknown> {
  return typeof what === 'object' && what !== null && 'codec' in what;
}

function checkOutput(call: string, experiment: UpstreamExperiment, artifact: Artifact<unknown>): void {
  if (typeof experiment === 'string' || experiment.info.outputs.includes(artifact.name)) return;
  const { outputs } = experiment.info;
  const list =
    outputs.length > 0
      ? `Its outputs are ${outputs.map((name) => `'${name}'`).join(', ')}.`
      : 'It declares no outputs.';
  throw new ExperimentInvalidError(call, [
    `'${artifact.name}' is not among the outputs of the experiment. ${list}${didYouMean(artifact.name, outputs)} Declare it there: outputs: [artifact].`,
  ]);
}
