import { UnsupportedValueError } from '../errors/storage-errors.ts';
import type { CellRecord, ErrorRecord, MetricRecord, StepRecord } from '../plugin/records.ts';
import type { EndEntry, SessionEntry, SupersededEntry, UnstorableMetric } from './cell-log-entry.ts';
import type { LineOfCell, LineOfError, LineOfMetric, LineOfShape } from './cell-log-line.ts';
import { encodeLine } from './log-line.ts';
import { recordFormat } from './run-claim.ts';
import { UncarriedValue } from './uncarried-value.ts';
import { encodeValue } from './values.ts';

/** What a session is begun with. */
export type SessionStart = Omit<SessionEntry, 'type' | 'format'>;

/** A cell as bytes for the log. */
export interface EncodedCell {
  readonly bytes: Uint8Array;
  /** Values that could not be stored; to be reported, while all else of the record is kept. */
  readonly unstorable: readonly UnstorableMetric[];
}

/**
 * Makes the bytes of one session's log. One encoder per session, and what it returns is to be
 * appended in the order of the calls: later entries refer to earlier ones.
 *
 * @example
 * const log = await store.createLog(cellLogKey(directory, version, 0));
 * const encoder = new CellLogEncoder();
 * await log.append(encoder.session({ session: 0, run: run.id, … }));
 * await log.append(encoder.cell(record).bytes);
 * await log.append(encoder.end({ status: 'done', endedAt: Date.now(), warnings: [] }));
 */
export class CellLogEncoder {
  /** The newest shape of each step, by condition and place in the record. */
  readonly #shapes = new Map<string, KnownShape[]>();
  #shapeCount = 0;

  /** Must come first, once. */
  session(start: SessionStart): Uint8Array {
    return encodeLine({ type: 'session', format: recordFormat, ...start });
  }

  /** A cell has ended. */
  cell(record: CellRecord): EncodedCell {
    const unstorable: UnstorableMetric[] = [];
    const lines: Buffer[] = [];
    const line: LineOfCell = {
      type: 'cell',
      replicate: record.replicate,
      condition: record.condition,
      seed: record.seed,
      metrics: record.metrics.map((metric, index) => metricLine(metric, index, unstorable)),
      steps: record.steps.map((step, index) => this.#stepLine(record.condition, step, index, lines)),
      startedAt: record.startedAt,
      duration: toMicroseconds(record.duration),
    };
    if (record.artifacts.length > 0) {
      line.artifacts = record.artifacts.map(({ step, name, size, sha256 }) => [step, name, size, sha256]);
    }
    if (record.inputs.length > 0) line.inputs = record.inputs;
    if (record.status !== 'done') line.status = record.status;
    if (record.error) line.error = errorLine(record.error);
    if (record.failedStep !== undefined) line.failedStep = record.failedStep;
    if (record.attempts !== 1) line.attempts = record.attempts;
    if (record.unread) line.unread = record.unread;
    lines.push(encodeLine(line));
    return { bytes: lines.length === 1 ? (lines[0] as Buffer) : Buffer.concat(lines), unstorable };
  }

  /** A cell's earlier record no longer counts. */
  superseded(entry: Omit<SupersededEntry, 'type'>): Uint8Array {
    return encodeLine({ type: 'superseded', ...entry });
  }

  /** The session has ended in order; nothing follows. */
  end(entry: Omit<EndEntry, 'type'>): Uint8Array {
    return encodeLine({ type: 'end', ...entry });
  }

  #stepLine(
    condition: string,
    step: StepRecord,
    index: number,
    lines: Buffer[],
  ): LineOfCell['steps'][number] {
    const shape = this.#shapeOf(condition, step, index, lines);
    const duration = toMicroseconds(step.duration);
    return step.cached ? [shape, duration, 1] : [shape, duration];
  }

  /** The number of a shape entry that says the same of the step, written now if need be. */
  #shapeOf(condition: string, step: StepRecord, index: number, lines: Buffer[]): number {
    let known = this.#shapes.get(condition);
    if (!known) {
      known = [];
      this.#shapes.set(condition, known);
    }
    const last = known[index];
    if (last && isSameShape(last.record, step)) return last.shape;
    const fields = [
      step.step,
      fieldsLine(step.params),
      fieldsLine(step.read),
      fieldsLine(step.wrote),
    ] as const;
    const text = JSON.stringify(fields);
    if (last?.text === text) {
      last.record = step;
      return last.shape;
    }
    const shape = this.#shapeCount++;
    known[index] = { record: step, text, shape };
    const [name, params, read, wrote] = fields;
    lines.push(encodeLine({ type: 'shape', shape, step: name, params, read, wrote } satisfies LineOfShape));
    return shape;
  }
}

interface KnownShape {
  record: StepRecord;
  readonly text: string;
  readonly shape: number;
}

type Fields = Readonly<Record<string, unknown>>;

function isSameShape(a: StepRecord, b: StepRecord): boolean {
  return (
    a.step === b.step && isSame(a.params, b.params) && isSame(a.read, b.read) && isSame(a.wrote, b.wrote)
  );
}

/** Whether nothing differs at a glance: objects count as different, as they may have changed since. */
function isSame(a: Fields, b: Fields): boolean {
  let count = 0;
  for (const key in a) {
    const value = a[key];
    if ((typeof value === 'object' && value !== null) || !Object.is(value, b[key]) || !(key in b))
      return false;
    count += 1;
  }
  for (const _ in b) count -= 1;
  return count === 0;
}

/** As pairs, so that no key of a user's can mean anything. */
function fieldsLine(fields: Fields): LineOfShape['params'] {
  return Object.keys(fields).map((key) => [key, encodeOr(fields[key], describe)]);
}

function metricLine(metric: MetricRecord, index: number, unstorable: UnstorableMetric[]): LineOfMetric {
  const value = encodeOr(metric.value, (reason) => {
    unstorable.push({ metric: metric.metric, index, reason });
    return { unstorable: reason };
  });
  return metric.tags
    ? [metric.metric, value, metric.step, Object.entries(metric.tags)]
    : [metric.metric, value, metric.step];
}

function encodeOr(value: unknown, instead: (reason: string) => unknown): unknown {
  if (value instanceof UncarriedValue) return instead(value.reason);
  try {
    return encodeValue(value);
  } catch (error) {
    // A getter or Proxy of the user's may throw what it likes; the record is worth more than the value.
    return instead(
      error instanceof UnsupportedValueError ? error.message : `It can't be read: ${String(error)}`,
    );
  }
}

function describe(reason: string): string {
  return `[not stored: ${reason}]`;
}

function errorLine({ fields, cause, ...rest }: ErrorRecord): LineOfError {
  return {
    ...rest,
    ...(fields && { fields: fieldsLine(fields) }),
    ...(cause && { cause: errorLine(cause) }),
  };
}

function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
