import type { Tags } from '../plugin/records.ts';

const brand: unique symbol = Symbol.for('@crystallize/with-metrics') as never;

/** Data and the metrics that go with it; made by {@link withMetrics}. */
export interface WithMetrics<out D> {
  readonly [brand]: true;
  readonly data: D;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly tags?: Tags;
}

/**
 * Returned from a step: records the metrics and passes the data on to the next step.
 *
 * @example
 * run: (text: string) => withMetrics(text.trim(), { length: text.length })
 */
export function withMetrics<D>(
  data: D,
  metrics: Readonly<Record<string, unknown>>,
  tags?: Tags,
): WithMetrics<D> {
  return tags === undefined ? { [brand]: true, data, metrics } : { [brand]: true, data, metrics, tags };
}

/** @internal */
export function isWithMetrics(value: unknown): value is WithMetrics<unknown> {
  return typeof value === 'object' && value !== null && brand in value;
}
