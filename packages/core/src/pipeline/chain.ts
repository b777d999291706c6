import type { Datasource } from '../datasource/datasource.ts';
import type { Step } from './step.ts';

/** What a datasource or a step passes on. */
export type Gives<S> =
  S extends Step<never, infer O, unknown>
    ? S extends { readonly '~types'?: { readonly out: infer Out } }
      ? Out
      : O
    : S extends Datasource<infer T, infer _P, infer _Prepared>
      ? T
      : unknown;

/** What a step takes. */
export type Takes<S> = S extends { readonly '~types'?: { readonly in: (data: infer I) => void } } ? I : never;

/** The params of a step that treatments may set. */
export type OpenParams<S> = S extends { readonly '~types'?: { readonly params: infer P } } ? P : never;

/** What the compiler shows on a step whose input is not what comes before it. */
export interface StepMismatch<Takes, Gets> {
  readonly 'this step takes': Takes;
  readonly 'but it is given': Gets;
}

/**
 * The steps, each checked against what comes before it: `[datasource, ...steps][i]` feeds `steps[i]`.
 * Mapped, not recursive, so that long pipelines check.
 */
export type Chain<S, D> = S extends readonly unknown[]
  ? number extends S['length']
    ? S
    : Links<S, readonly [D, ...S]>
  : never;

type Links<S extends readonly unknown[], Before> = {
  [I in keyof S]: I extends keyof Before
    ? [Gives<Before[I]>] extends [Takes<S[I]>]
      ? S[I]
      : StepMismatch<Takes<S[I]>, Gives<Before[I]>>
    : never;
};
