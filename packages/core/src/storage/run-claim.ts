import { RecordUnreadableError } from '../errors/storage-errors.ts';
import { encodeChecked, withoutCheck } from './checked-json.ts';

/** The newest form of stored records that this version reads and writes. */
export const recordFormat = 1;

/** What stands in `run.json`, whose existence makes a version number one run's own. */
export interface RunClaim {
  /** {@link recordFormat} at the time of writing. */
  readonly format: number;
  /** `RunHandle.id` of the run that claimed the version. */
  readonly run: string;
  /** Wall clock, milliseconds since 1970. */
  readonly claimedAt: number;
  readonly owner: RunOwner;
}

/** The process that writes, or wrote. */
export interface RunOwner {
  readonly host: string;
  readonly pid: number;
}

/** The bytes of `run.json`. */
export function encodeClaim(claim: Omit<RunClaim, 'format'>): Uint8Array {
  return encodeChecked({ format: recordFormat, ...claim });
}

/**
 * Reads `run.json`.
 * @throws RecordUnreadableError when it is damaged, `FORMAT_TOO_NEW` when a newer version wrote it.
 */
export function parseClaim(bytes: Uint8Array, where: string): RunClaim {
  let claim: Partial<RunClaim>;
  try {
    claim = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<RunClaim>;
  } catch (cause) {
    throw new RecordUnreadableError(`${where} is not the JSON that it should be. ${damageAdvice}`, { cause });
  }
  assertFormat(claim?.format, where);
  const whole = withoutCheck({ ...claim }) as Partial<RunClaim> | undefined;
  if (
    typeof whole?.run !== 'string' ||
    typeof whole.claimedAt !== 'number' ||
    typeof whole.owner?.pid !== 'number'
  ) {
    throw new RecordUnreadableError(`${where} is not what the claim of a run holds. ${damageAdvice}`);
  }
  return whole as RunClaim;
}

/**
 * Refuses a format number that this version does not know.
 * @throws RecordUnreadableError `FORMAT_TOO_NEW` for a newer one.
 */
export function assertFormat(format: unknown, where: string): void {
  if (typeof format === 'number' && Number.isInteger(format) && format > recordFormat) {
    const message = `${where} has the format ${format}; this version of Crystallize knows those up to ${recordFormat}. Update @crystallize/core to read it.`;
    throw new RecordUnreadableError(message, { newer: true });
  }
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    throw new RecordUnreadableError(`${where} has no valid format number. ${damageAdvice}`);
  }
}

/** What to do about a damaged record. */
export const damageAdvice = 'Restore the file from a copy, or move this version away and run it again.';
