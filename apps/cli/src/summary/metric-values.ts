import type { Result } from '@crystallize/core';
import { summary } from '@crystallize/stats';

/** One metric under one condition. */
export interface ConditionFigures {
  readonly condition: string;
  readonly n: number;
  readonly mean: number;
  /** NaN below two values. */
  readonly sd: number;
}

/** A metric that can be averaged under every condition. */
export interface NumericMetric {
  readonly metric: string;
  /** The conditions that have values of it, `baseline` first. */
  readonly conditions: readonly ConditionFigures[];
  /** Values that are NaN, which the figures leave out. */
  readonly notANumber: number;
}

/** A metric that can't, with what kinds of values it has. */
export interface OtherMetric {
  readonly metric: string;
  readonly kinds: readonly string[];
}

/** A result's metrics, in the order in which they were first recorded. */
export function metricsOf(result: Result): {
  readonly numeric: readonly NumericMetric[];
  readonly other: readonly OtherMetric[];
} {
  const conditions = [['baseline', result.baseline] as const, ...Object.entries(result.treatments)];
  const names = new Set(conditions.flatMap(([, condition]) => Object.keys(condition.metrics)));
  const numeric: NumericMetric[] = [];
  const other: OtherMetric[] = [];
  for (const metric of names) {
    const columns = conditions.map(([name, { metrics }]) => ({ name, values: metrics[metric] ?? [] }));
    const kinds = new Set(columns.flatMap(({ values }) => values.map(kindOf)));
    if ([...kinds].some((kind) => !AVERAGED.has(kind))) {
      other.push({ metric, kinds: [...kinds] });
      continue;
    }
    const numbers = columns.map(({ name, values }) => ({ name, numbers: values.map(Number) }));
    numeric.push({
      metric,
      notANumber: numbers.flatMap((column) => column.numbers).filter(Number.isNaN).length,
      conditions: numbers
        .filter((column) => column.numbers.length > 0)
        .map((column) => ({ condition: column.name, ...summary(column.numbers) })),
    });
  }
  return { numeric, other };
}

/** A boolean counts as 0 or 1, so that its mean is a share. */
const AVERAGED: ReadonlySet<string> = new Set(['number', 'bigint', 'boolean']);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'object') return typeof value;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? name : 'object';
}
