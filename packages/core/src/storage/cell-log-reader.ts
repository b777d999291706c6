import { RecordUnreadableError } from '../errors/storage-errors.ts';
import type { CellRecord, ErrorRecord, MetricRecord, StepRecord, Tags } from '../plugin/records.ts';
import type {
  EndEntry,
  SessionEntry,
  StoredCell,
  SupersededEntry,
  UnstorableMetric,
} from './cell-log-entry.ts';
import type { LineOfCell, LineOfError, LineOfFields, LineOfShape } from './cell-log-line.ts';
import { cellLogKey } from './layout.ts';
import { decodeLines, type LogLines } from './log-line.ts';
import { assertFormat, damageAdvice } from './run-claim.ts';
import type { ReadableStore } from './store.ts';
import { decodeValue } from './values.ts';

/** All that the logs of one version say. */
export interface CellLogs {
  /** One per log that holds its first entry whole. */
  readonly sessions: readonly SessionEntry[];
  /** The newest record of each cell that still counts, by replicate, then in the order of `conditions`. */
  readonly cells: readonly StoredCell[];
  /** Every condition that a session asked for, those of the newest session first. */
  readonly conditions: readonly string[];
  /** Every record that was set aside, in order. */
  readonly superseded: readonly (SupersededEntry & { readonly session: number })[];
  /** How the newest session ended; `undefined` when it is going on, or was killed. */
  readonly ended: EndEntry | undefined;
  /** How many bytes of each log count: what the next session states as `follows`. */
  readonly lengths: readonly number[];
}

/**
 * Reads the logs of one version, in the order of their sessions. A line cut off at the end of a log
 * was never reported as done, and is left out.
 *
 * @param where - What the logs are called in messages.
 * @throws RecordUnreadableError naming the log and the offset when one is damaged before its end;
 * `FORMAT_TOO_NEW` when a newer version wrote it.
 */
export function readCellLogs(
  logs: readonly Uint8Array[],
  where: (session: number) => string = (session) => `The log of session ${session}`,
): CellLogs {
  const reading = new Reading(where);
  const read: LogLines[] = [];
  const limits: (number | undefined)[] = logs.map(() => undefined);
  // From the newest on, as each says how much of the earlier ones counts, whatever follows it there.
  for (let session = logs.length - 1; session >= 0; session -= 1) {
    const log = logs[session] as Uint8Array;
    const limit = limits[session];
    const lines = decodeLines(log.subarray(0, limit), where(session));
    if (limit !== undefined && lines.length < limit) {
      throw new RecordUnreadableError(
        `${where(session)} is cut short: it had ${limit} bytes that count. ${damageAdvice}`,
      );
    }
    read[session] = lines;
    const follows = reading.begin(session, lines)?.follows ?? [];
    for (let earlier = 0; earlier < session; earlier += 1) limits[earlier] ??= follows[earlier];
  }
  for (const [session, lines] of read.entries()) reading.read(session, lines);
  return reading.outcome(read.map(({ length }) => length));
}

/**
 * Fetches and reads every log of a version; `undefined` when it has none, as the runs of the Python
 * original.
 * @throws RecordUnreadableError as {@link readCellLogs}.
 */
export async function loadCellLogs(
  store: ReadableStore,
  directory: string,
  version: number,
): Promise<CellLogs | undefined> {
  const logs: Uint8Array[] = [];
  for (;;) {
    const log = await store.readLog(cellLogKey(directory, version, logs.length));
    if (!log) break;
    logs.push(log);
  }
  if (logs.length === 0) return undefined;
  return readCellLogs(logs, (session) => `${cellLogKey(directory, version, session)} in ${store.location}`);
}

class Reading {
  readonly #where: (session: number) => string;
  readonly #sessions: SessionEntry[] = [];
  readonly #cells = new Map<string, StoredCell>();
  readonly #superseded: (SupersededEntry & { readonly session: number })[] = [];
  #ended: EndEntry | undefined;

  constructor(where: (session: number) => string) {
    this.#where = where;
  }

  /** Checks the first entry, and so whether this version can read the rest; for the newest session first. */
  begin(session: number, lines: LogLines): SessionEntry | undefined {
    const first = lines.entries[0]?.entry as Partial<SessionEntry> | undefined;
    if (first === undefined) return undefined;
    if (first?.type !== 'session') this.#refuse(session, 0, 'does not begin with a session');
    assertFormat(first.format, this.#where(session));
    if (first.session !== session) this.#refuse(session, 0, `is that of session ${first.session}`);
    this.#sessions.unshift(first as SessionEntry);
    return first as SessionEntry;
  }

  read(session: number, lines: LogLines): void {
    if (lines.entries.length > 0) this.#ended = undefined;
    const shapes: StepShape[] = [];
    for (const { offset, entry } of lines.entries) {
      const line = entry as LineOfCell | LineOfShape | SupersededEntry | EndEntry | SessionEntry;
      try {
        if (line.type === 'cell') {
          this.#cells.set(cellKey(line.replicate, line.condition), readCell(line, shapes, session));
        } else if (line.type === 'shape') shapes[line.shape] = readShape(line);
        else if (line.type === 'superseded') {
          this.#cells.delete(cellKey(line.replicate, line.condition));
          this.#superseded.push({ ...line, session });
        } else if (line.type === 'end') this.#ended = line;
        else if (offset > 0)
          this.#refuse(session, offset, `has an entry of the type ${JSON.stringify(line.type)}`);
      } catch (cause) {
        if (cause instanceof RecordUnreadableError) throw cause;
        throw new RecordUnreadableError(
          `${this.#where(session)} has an entry at byte ${offset} that can't be read. ${damageAdvice}`,
          { cause },
        );
      }
    }
  }

  outcome(lengths: readonly number[]): CellLogs {
    const conditions = [...new Set(this.#sessions.toReversed().flatMap((session) => session.conditions))];
    const order = new Map(conditions.map((condition, index) => [condition, index]));
    const cells = [...this.#cells.values()].sort(
      ({ record: a }, { record: b }) =>
        a.replicate - b.replicate || (order.get(a.condition) ?? 0) - (order.get(b.condition) ?? 0),
    );
    return {
      sessions: this.#sessions,
      cells,
      conditions,
      superseded: this.#superseded,
      ended: this.#ended,
      lengths,
    };
  }

  #refuse(session: number, offset: number, found: string): never {
    throw new RecordUnreadableError(
      `${this.#where(session)} ${found} at byte ${offset}, which it should not. ${damageAdvice}`,
    );
  }
}

type StepShape = Pick<StepRecord, 'step' | 'params' | 'read' | 'wrote'>;

function cellKey(replicate: number, condition: string): string {
  return `${replicate}/${condition}`;
}

function readCell(line: LineOfCell, shapes: readonly StepShape[], session: number): StoredCell {
  const unstorable: UnstorableMetric[] = [];
  const record: CellRecord = {
    replicate: line.replicate,
    condition: line.condition,
    seed: line.seed,
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
  };
  return { record, unstorable, session };
}

function readShape({ step, params, read, wrote }: LineOfShape): StepShape {
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
