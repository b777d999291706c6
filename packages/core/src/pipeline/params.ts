import type { Secret } from '../context/secret.ts';

declare const requiredType: unique symbol;

/** A param without a default; see {@link required}. */
export interface RequiredParam<T> {
  readonly [requiredType]?: T;
}

const brand: unique symbol = Symbol.for('@crystallize/required') as never;

// Of a prototype of its own, so that it is never taken for plain data and copied.
const marker: RequiredParam<never> = Object.freeze(Object.create({ [brand]: true }));

/**
 * Declares a param that has no default. Running without a value for it is a {@link MissingParamError}.
 *
 * @example
 * pipelineStep({ name: 'ask', params: { model: required<string>() }, run: (q: string, ctx, { model }) => … })
 */
export function required<T>(): RequiredParam<T> {
  return marker as RequiredParam<T>;
}

/** @internal */
export function isRequired(value: unknown): value is RequiredParam<unknown> {
  return typeof value === 'object' && value !== null && brand in value;
}

/** The values that a step gets for its declared params. */
export type Values<P> = {
  [K in keyof P]: P[K] extends RequiredParam<infer T>
    ? unknown extends T
      ? P[K]
      : T
    : P[K] extends Secret<infer T>
      ? T
      : P[K];
};

/** The values that may be given for declared params: also wrapped by `secret(…)`. */
export type Givable<P> = { [K in keyof P]: Values<P>[K] | Secret<Values<P>[K]> };
