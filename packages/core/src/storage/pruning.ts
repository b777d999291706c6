import { RecordUnreadableError } from '../errors/storage-errors.ts';
import { encodeChecked, withoutCheck } from './checked-json.ts';
import { isRecord, parseFile } from './results-file.ts';
import { assertFormat, damageAdvice, recordFormat } from './run-claim.ts';

/**
 * What retention removes from a version, as it stands in `pruned.json`. It is put before the first
 * artifact is removed, so that whatever is missing afterwards is explained, also after a crash.
 */
export interface Pruning {
  /** `recordFormat` at the time of writing. */
  readonly format: number;
  /** Wall clock, milliseconds since 1970. */
  readonly prunedAt: number;
  /** Artifacts with more bytes than this are removed; absent: all artifacts are. */
  readonly over?: number;
  /** How many sessions the version had; what later ones wrote is not meant. */
  readonly sessions: number;
  /** Whether all of them are gone; absent while some may still be there. */
  readonly done?: true;
}

/** The bytes of `pruned.json`. */
export function encodePruning(pruning: Omit<Pruning, 'format'>): Uint8Array {
  return encodeChecked({ format: recordFormat, ...pruning });
}

/**
 * Reads `pruned.json`.
 * @throws RecordUnreadableError when it is damaged, `FORMAT_TOO_NEW` when a newer version wrote it.
 */
export function parsePruning(bytes: Uint8Array, where: string): Pruning {
  const pruning = parseFile(bytes, where);
  assertFormat(isRecord(pruning) ? pruning.format : undefined, where);
  const whole = withoutCheck(pruning as Record<string, unknown>);
  const { prunedAt, over, sessions, done } = whole ?? {};
  const isWhole =
    whole !== undefined &&
    Number.isFinite(prunedAt) &&
    Number.isSafeInteger(sessions) &&
    (over === undefined || Number.isFinite(over)) &&
    (done === undefined || done === true);
  if (isWhole) return whole as unknown as Pruning;
  throw new RecordUnreadableError(`${where} does not say what was pruned and when. ${damageAdvice}`);
}

/**
 * Whether an artifact is among those removed.
 * @param size - Bytes.
 * @param session - The session whose cell wrote it; without it, that is not looked at.
 */
export function isPruned(pruning: Pruning | undefined, size: number, session?: number): boolean {
  if (pruning === undefined || (session !== undefined && session >= pruning.sessions)) return false;
  return size > (pruning.over ?? -1);
}

/** When it was decided, for people. */
export function prunedOn({ prunedAt }: Pruning): string {
  return new Date(prunedAt).toISOString();
}
