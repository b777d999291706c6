import { RecordUnreadableError } from '../errors/storage-errors.ts';
import type { CellRecord, ErrorRecord, MetricRecord, StepRecord, Tags } from '../plugin/records.ts';
import type { StoredCell, UnstorableMetric } from './cell-log-entry.ts';
import type { LineOfCell, LineOfError, LineOfFields, LineOfShape } from './cell-log-line.ts';
import { damageAdvice } from './run-claim.ts';
import { decodeValue } from './values.ts';

/** What a `shape` entry says of a step. */
export type StepShape = Pick<StepRecord, 'step' | 'params' | 'read' | 'wrote'>;

/** A cell's entry as its record. @throws RecordUnreadableError when it refers to a shape that was not written. */
export function readCell(line: LineOfCell, shapes: readonly StepShape[], session: number): StoredCell {
  const unstorable: UnstorableMetric[] = [];
  const record: CellRecord = {
    replicate: line.replicate,
    condition: line.condition,
    // Of cells of the Python original it is not known, and JSON has no NaN.
    seed: line.seed ?? Number.NaN,
    status: line.status ?? 'done',
    metrics: line.metrics.map(([metric, value, step, tags], index) => {
      const reason = typeof value === 'object' && value !== null && 'unstorable' in value && value.unstorable;
      if (typeof reason === 'string') unstorable.push({ metric, index, reason });
      const read: MetricRecord = { metric, value: reason === false ? decodeValue(value) : undefined, step };
      return tags ? { ...read, tags: Object.fromEntries(tags) as Tags } : read;
    }),
    artifacts: (line.artifacts ?? []).map(([step, name, size, sha256]) => ({ step, name, size, sha256 })),
    steps: line.steps.map(([number, duration, cached]) => {
      const shape = shapes[number];
      if (!shape)
        throw new RecordUnreadableError(
          `A cell refers to the shape ${number}, which was not written. ${damageAdvice}`,
        );
      return { ...shape, cached: cached === 1, duration };
    }),
    inputs: line.inputs ?? [],
    ...(line.error && { error: readErrorLine(line.error) }),
    ...(line.failedStep !== undefined && { failedStep: line.failedStep }),
    startedAt: line.startedAt,
    duration: line.duration,
    attempts: line.attempts ?? 1,
    ...(line.unread !== undefined && { unread: line.unread }),
  };
  return { record, unstorable, session };
}

/** A shape's entry. */
export function readShape({ step, params, read, wrote }: LineOfShape): StepShape {
  return { step, params: readFields(params), read: readFields(read), wrote: readFields(wrote) };
}

function readFields(fields: LineOfFields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map(([key, value]) => [key, decodeValue(value)]));
}

function readErrorLine({ fields, cause, ...rest }: LineOfError): ErrorRecord {
  return {
    ...rest,
    ...(fields && { fields: readFields(fields) }),
    ...(cause && { cause: readErrorLine(cause) }),
  };
}
