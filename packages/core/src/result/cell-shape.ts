import type { CellRecord, StepRecord, Tags } from '../plugin/records.ts';

/** @internal What the cells of a condition have in common, nearly always: kept once for all of them. */
export interface CellShape {
  readonly status: CellRecord['status'];
  readonly metrics: readonly {
    readonly metric: string;
    readonly step: string;
    readonly tags: Tags | undefined;
  }[];
  readonly steps: readonly Omit<StepRecord, 'duration'>[];
}

/** @internal */
export function shapeOf(record: CellRecord): CellShape {
  return {
    status: record.status,
    metrics: record.metrics.map(({ metric, step, tags }) => ({ metric, step, tags })),
    steps: record.steps.map(({ step, params, read, wrote, cached }) => ({
      step,
      params,
      read,
      wrote,
      cached,
    })),
  };
}

/** @internal Whether a record differs from others of this shape only in values and durations. */
export function fitsShape(shape: CellShape, record: CellRecord): boolean {
  if (shape.status !== record.status) return false;
  if (shape.metrics.length !== record.metrics.length || shape.steps.length !== record.steps.length)
    return false;
  for (let index = 0; index < shape.metrics.length; index++) {
    const mine = shape.metrics[index];
    const other = record.metrics[index];
    if (mine?.metric !== other?.metric || mine?.step !== other?.step || !sameEntries(mine?.tags, other?.tags))
      return false;
  }
  for (let index = 0; index < shape.steps.length; index++) {
    const mine = shape.steps[index];
    const other = record.steps[index];
    if (mine?.step !== other?.step || mine?.cached !== other?.cached) return false;
    // Nearly always the very same objects, so that there is nothing to compare.
    if (mine?.params !== other?.params && !sameEntries(mine?.params, other?.params)) return false;
    if (mine?.read !== other?.read && !sameEntries(mine?.read, other?.read)) return false;
    if (mine?.wrote !== other?.wrote && !sameEntries(mine?.wrote, other?.wrote)) return false;
  }
  return true;
}

type Entries = Readonly<Record<string, unknown>> | undefined;

function sameEntries(a: Entries, b: Entries): boolean {
  if (a === b) return true;
  if (!(a && b)) return false;
  let count = 0;
  for (const key in a) {
    if (!Object.is(a[key], b[key])) return false;
    count++;
  }
  for (const _key in b) count--;
  return count === 0;
}
