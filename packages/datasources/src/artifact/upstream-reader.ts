import { createHash } from 'node:crypto';
import {
  type ArtifactFile,
  type ArtifactIdentity,
  ArtifactNotFoundError,
  type DatasourceContext,
  type DatasourceScope,
  type PreparedSource,
  type RunInput,
  type UpstreamExperiment,
} from '@crystallize/core';
import type { SavedArtifactTarget, SavedVersion } from '@crystallize/core/storage';
import type { UpstreamOptions } from './artifact-options.ts';
import { chooseVersion } from './chosen-version.ts';
import { type ConditionMap, mapConditions } from './condition-map.ts';
import { planReplicates } from './replicate-count.ts';
import { rootOf, UpstreamRuns } from './upstream-runs.ts';

/** What was found out before the first cell, as plain data that also reaches workers. */
export interface PreparedUpstream {
  readonly version: number;
  /** The folder that holds the experiment's, for stores that are one. */
  readonly folder?: string;
  /** The producer's count; absent when nothing tells it. */
  readonly available?: number;
  /** Absent where the condition is fixed. */
  readonly conditions?: ConditionMap;
}

/** What is read in each cell. */
export interface UpstreamTarget {
  readonly name: string;
  /** Default: the step that wrote the name last. */
  readonly step?: string;
  /** The same for all conditions; else each reads its own, or what `missing` says. */
  readonly condition?: string;
  readonly missing?: 'baseline' | 'error';
}

/** A cell of the consumer. */
interface ReadingCell {
  readonly replicate: number;
  readonly condition: string;
}

/** Reads one artifact of a producer for each cell of a consumer. */
export class UpstreamReader {
  readonly #runs: UpstreamRuns;
  readonly #target: UpstreamTarget;
  readonly #options: UpstreamOptions;
  // Versions that this process has chosen itself: those in memory have no other way.
  readonly #opened = new WeakMap<PreparedUpstream, SavedVersion>();

  constructor(experiment: UpstreamExperiment, target: UpstreamTarget, options: UpstreamOptions) {
    this.#runs = new UpstreamRuns(experiment, options);
    this.#target = target;
    this.#options = options;
  }

  async prepare(scope: DatasourceScope): Promise<PreparedSource<PreparedUpstream>> {
    const { directory, experiment } = this.#runs;
    const { version, metadata, location } = await chooseVersion(this.#runs, this.#options, scope);
    const producer = `v${version.version} of the experiment '${directory}' (${location})`;
    const own =
      typeof experiment === 'object' && 'replicates' in experiment ? experiment.replicates : undefined;
    const count = metadata?.replicates ?? (typeof own === 'number' ? own : undefined);
    const { available, replicates } = planReplicates(
      scope,
      count,
      this.#options.replicates === 'cycle',
      producer,
    );
    const { condition, missing = 'baseline' } = this.#target;
    const conditions =
      condition === undefined ? await mapConditions(scope, version, missing, producer) : undefined;
    const folder = rootOf(version.dir, directory);
    const data: PreparedUpstream = {
      version: version.version,
      ...(folder === undefined ? {} : { folder }),
      ...(available === undefined ? {} : { available }),
      ...(conditions === undefined ? {} : { conditions }),
    };
    this.#opened.set(data, version);
    const number = this.#runs.inMemory ? {} : { version: version.version };
    const input: RunInput = { experiment: directory, ...number, location };
    return { inputs: [input], data, ...(replicates === undefined ? {} : { replicates }) };
  }

  async read(ctx: DatasourceContext, prepared: PreparedUpstream): Promise<ArtifactFile> {
    const version = this.#opened.get(prepared) ?? (await ctx.once('version', () => this.#reopen(prepared)));
    const file = await version.artifact(this.#targetOf(ctx, prepared));
    ctx.recordInput({
      experiment: file.experiment,
      replicate: file.replicate,
      condition: file.condition,
      step: file.step,
      name: file.name,
      ...(file.version === undefined ? {} : { version: file.version }),
      ...(await contentOf(file)),
    });
    return file;
  }

  /** What {@link read} would record for a cell; only the producer's records are looked at. */
  async identify(cell: ReadingCell, prepared: PreparedUpstream): Promise<readonly ArtifactIdentity[]> {
    const version = this.#opened.get(prepared) ?? (await this.#reopen(prepared));
    return [await version.identify(this.#targetOf(cell, prepared))];
  }

  #targetOf({ replicate, condition }: ReadingCell, prepared: PreparedUpstream): SavedArtifactTarget {
    const { available = Infinity, conditions } = prepared;
    const { name, step, condition: fixed } = this.#target;
    return {
      replicate: this.#options.replicates === 'cycle' ? replicate % available : replicate,
      condition: fixed ?? conditions?.[condition] ?? 'baseline',
      name,
      ...(step === undefined ? {} : { step }),
    };
  }

  /** What defines which data is read; the run that is chosen stands in the run's inputs. */
  fingerprint(): string {
    const { version, replicates } = this.#options;
    const what = { experiment: this.#runs.directory, ...this.#target, version, replicates };
    return createHash('sha256').update(JSON.stringify(what)).digest('hex');
  }

  async #reopen(prepared: PreparedUpstream): Promise<SavedVersion> {
    const saved = this.#runs.reopen(prepared.folder);
    const version = (await saved.versions()).find((one) => one.version === prepared.version);
    if (version) return version;
    throw new ArtifactNotFoundError(
      `v${prepared.version} of the experiment '${this.#runs.directory}' was in ${saved.location} when the run began, and is gone. Keep it there while it is read.`,
    );
  }
}

/** Runs of the Python original record no sha256: it is taken of what is there now. */
async function contentOf(file: ArtifactFile): Promise<{ size: number; sha256: string }> {
  if (file.size !== undefined && file.sha256 !== undefined) return { size: file.size, sha256: file.sha256 };
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of file.stream()) {
    size += piece.length;
    hash.update(piece);
  }
  return { size, sha256: hash.digest('hex') };
}
