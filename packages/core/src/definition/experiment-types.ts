import type { AnyArtifact } from '../artifact/artifact.ts';
import type { Datasource } from '../datasource/datasource.ts';
import type { Chain, OpenParams } from '../pipeline/chain.ts';
import type { Givable, Values } from '../pipeline/params.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { AnyStep } from '../pipeline/step.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { Hypothesis } from './hypothesis.ts';
import type { Treatment, TreatmentValues } from './treatment.ts';

/** Any datasource. */
export type AnyDatasource = Datasource<unknown, unknown>;

/** Steps, in any number. */
export type AnySteps = readonly AnyStep[] | [];

/** The params that a treatment may set: those that steps leave open, and those of the datasource. */
export type TreatableParams<S extends AnySteps, D> = Intersection<
  OpenParams<S[number]> | DatasourceParams<D>
>;

type DatasourceParams<D> = D extends { readonly params?: infer P }
  ? [P] extends [undefined]
    ? never
    : Values<NonNullable<P>>
  : never;

type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
  ? { [K in keyof I]: I[K] }
  : never;

/** What a treatment may set. `{}` would let any key through, so without open params there is none. */
export type TreatmentParams<P> = unknown extends P
  ? TreatmentValues
  : [keyof P] extends [never]
    ? Readonly<Record<string, never>>
    : Partial<Givable<P>>;

/** What an experiment is made of. */
export interface ExperimentDefinition<
  S extends AnySteps,
  D,
  Outs extends readonly AnyArtifact[],
  Names extends string,
> {
  /** Names the folder of its runs; without one, that is the `id`. */
  readonly name?: string;
  readonly description?: string;
  /** Where the data of each cell comes from. */
  readonly datasource: D;
  /** Steps, each fed by the one before; a mismatch does not compile. */
  readonly pipeline: (S & Chain<S, D>) | (Pipeline<S> & { readonly steps: Chain<S, D> });
  /** Variants to compare with the baseline: a list, or an object whose keys the compiler checks. */
  readonly treatments?:
    | readonly Treatment<Names>[]
    | { readonly [N in Names]: TreatmentParams<TreatableParams<S, D>> };
  readonly hypotheses?: readonly Hypothesis[];
  readonly plugins?: readonly Plugin[];
  /** Artifacts that other experiments may read by `artifactDatasource(experiment, artifact)`. */
  readonly outputs?: Outs;
  /** Default: what the datasource serves, else 1. */
  readonly replicates?: number;
  /** A whole number; without one, each run draws its own and stores it. */
  readonly seed?: number;
  /** Context values of every condition; a treatment's own win. */
  readonly initialContext?: Readonly<Record<string, unknown>>;
  /** Where workers find the experiment, when importing the module that made it does not do. */
  readonly module?:
    | string
    | URL
    | { readonly url: string | URL; readonly export: string; readonly args?: readonly unknown[] };
}
