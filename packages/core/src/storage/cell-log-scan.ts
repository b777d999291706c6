import { RecordUnreadableError } from '../errors/storage-errors.ts';
import type { EndEntry, SessionEntry, StoredCell, SupersededEntry } from './cell-log-entry.ts';
import type { LineOfCell, LineOfShape } from './cell-log-line.ts';
import { readCell, readShape, type StepShape } from './cell-log-record.ts';
import { type EndedLine, linesOf, wholeLength } from './log-line.ts';
import { assertFormat, damageAdvice } from './run-claim.ts';

/**
 * The logs of one version, read cell by cell. The newest session comes first, since what it says of a
 * cell is the last word: so no record is made that does not count, and none is kept here.
 */
export class CellLogScan {
  /** One per log that holds its first entry whole, oldest first. */
  readonly sessions: readonly SessionEntry[];
  readonly #logs: readonly Uint8Array[];
  readonly #where: (session: number) => string;
  /** By session: how many bytes count, where a later session says so. */
  readonly #limits: (number | undefined)[];
  readonly #lengths: number[] = [];
  readonly #superseded: (SupersededEntry & { readonly session: number })[][] = [];
  readonly #ends = new Map<number, EndEntry>();
  #complete = false;

  /** @throws RecordUnreadableError for a log that does not begin with its session. */
  constructor(logs: readonly Uint8Array[], where: (session: number) => string) {
    this.#logs = logs;
    this.#where = where;
    this.#limits = logs.map(() => undefined);
    const sessions: SessionEntry[] = [];
    for (let session = logs.length - 1; session >= 0; session -= 1) {
      const entry = this.#first(session);
      if (!entry) continue;
      sessions.unshift(entry);
      // Each says how much of the earlier ones counts, whatever follows it there.
      for (let earlier = 0; earlier < session; earlier += 1) this.#limits[earlier] ??= entry.follows[earlier];
    }
    this.sessions = sessions;
  }

  /** Every condition that a session asked for, those of the newest session first. */
  get conditions(): readonly string[] {
    return [...new Set(this.sessions.toReversed().flatMap((session) => session.conditions))];
  }

  /** How many logs there are: the number of the next session. */
  get count(): number {
    return this.#logs.length;
  }

  /** Every record that was set aside, in order; known once {@link cells} were read. */
  get superseded(): readonly (SupersededEntry & { readonly session: number })[] {
    return this.#superseded.flat();
  }

  /** How the newest session ended; `undefined` when it is going on, or was killed. Known once {@link cells} were read. */
  get ended(): EndEntry | undefined {
    return this.#ends.get(this.sessions.at(-1)?.session ?? -1);
  }

  /** By session: how it ended, where it did. Known once {@link cells} were read. */
  get ends(): ReadonlyMap<number, EndEntry> {
    return this.#ends;
  }

  /** How many bytes of each log count: what the next session states as `follows`. */
  get lengths(): readonly number[] {
    if (this.#complete) return this.#lengths;
    return this.#logs.map((_, session) =>
      this.#checked(session, wholeLength(this.#log(session), this.#where(session))),
    );
  }

  /**
   * The newest record of each cell that still counts, those of the newest session first, each session's
   * in the order in which they were written.
   * @throws RecordUnreadableError where a log is damaged, once that place is reached.
   */
  *cells(): Generator<StoredCell, void, undefined> {
    const decided = new Set<string>();
    for (let session = this.#logs.length - 1; session >= 0; session -= 1) {
      const own = session === 0 ? undefined : new Set<string>();
      yield* this.#read(session, decided, own);
      for (const cell of own ?? []) decided.add(cell);
    }
    this.#complete = true;
  }

  *#read(
    session: number,
    decided: ReadonlySet<string>,
    own: Set<string> | undefined,
  ): Generator<StoredCell, void, undefined> {
    const shapes: StepShape[] = [];
    const superseded: (SupersededEntry & { readonly session: number })[] = [];
    let length = 0;
    for (const line of linesOf(this.#log(session), this.#where(session))) {
      length = line.end;
      const entry = line.entry as LineOfCell | LineOfShape | SupersededEntry | EndEntry | SessionEntry;
      switch (entry.type) {
        case 'cell': {
          const key = `${entry.replicate}/${entry.condition}`;
          const cell = this.#attempt(session, line, () => readCell(entry, shapes, session));
          if (!decided.has(key)) yield cell;
          own?.add(key);
          break;
        }
        case 'shape':
          shapes[entry.shape] = this.#attempt(session, line, () => readShape(entry));
          break;
        case 'superseded':
          superseded.push({ ...entry, session });
          own?.add(`${entry.replicate}/${entry.condition}`);
          break;
        case 'end':
          this.#ends.set(session, entry);
          break;
        default:
          if (line.offset > 0)
            this.#refuse(
              session,
              line.offset,
              `has an entry of the type ${JSON.stringify((entry as SessionEntry).type)}`,
            );
      }
    }
    this.#lengths[session] = this.#checked(session, length);
    this.#superseded[session] = superseded;
  }

  /** Checks the first entry, and so whether this version can read the rest. */
  #first(session: number): SessionEntry | undefined {
    const { value: line } = linesOf(this.#log(session), this.#where(session)).next();
    if (!line) return undefined;
    const first = line.entry as Partial<SessionEntry> | undefined;
    if (first?.type !== 'session') this.#refuse(session, 0, 'does not begin with a session');
    assertFormat(first.format, this.#where(session));
    if (first.session !== session) this.#refuse(session, 0, `is that of session ${first.session}`);
    return first as SessionEntry;
  }

  #log(session: number): Uint8Array {
    return (this.#logs[session] as Uint8Array).subarray(0, this.#limits[session]);
  }

  #checked(session: number, length: number): number {
    const limit = this.#limits[session];
    if (limit === undefined || length >= limit) return length;
    throw new RecordUnreadableError(
      `${this.#where(session)} is cut short: it had ${limit} bytes that count. ${damageAdvice}`,
    );
  }

  #attempt<T>(session: number, { offset }: EndedLine, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      if (cause instanceof RecordUnreadableError) throw cause;
      throw new RecordUnreadableError(
        `${this.#where(session)} has an entry at byte ${offset} that can't be read. ${damageAdvice}`,
        { cause },
      );
    }
  }

  #refuse(session: number, offset: number, found: string): never {
    throw new RecordUnreadableError(
      `${this.#where(session)} ${found} at byte ${offset}, which it should not. ${damageAdvice}`,
    );
  }
}
