import { crc32 } from 'node:zlib';
import { RecordUnreadableError } from '../errors/storage-errors.ts';

/**
 * One entry as a line: the number of bytes of its JSON, their CRC-32 in hex, the JSON. A line cut off
 * anywhere, or with any byte changed, is noticed.
 *
 * @example
 * 27 5d8a1f0c {"type":"end",…}
 */
export function encodeLine(entry: unknown): Buffer {
  const json = JSON.stringify(entry);
  const length = Buffer.byteLength(json);
  const digits = String(length);
  const start = digits.length + AROUND_CHECKSUM;
  const line = Buffer.allocUnsafe(start + length + 1);
  line.write(json, start, 'utf8');
  line.write(`${digits} ${checksum(line.subarray(start, start + length))} `, 0, 'latin1');
  line[start + length] = newline;
  return line;
}

/** Eight hex digits and a space on either side. */
const AROUND_CHECKSUM = 10;

/** The entries of a log that are whole. */
export interface LogLines {
  readonly entries: readonly LogLine[];
  /** How many bytes they take; what follows was cut off. */
  readonly length: number;
}

/** One entry and where it stands. */
export interface LogLine {
  readonly offset: number;
  readonly entry: unknown;
}

/**
 * Reads the lines of a log. A line that is not whole ends it when nothing whole follows: it was being
 * written when its writer died.
 *
 * @param where - What the log is called in messages.
 * @throws RecordUnreadableError with the offset, when whole lines follow a damaged one.
 */
export function decodeLines(log: Uint8Array, where: string): LogLines {
  const entries: LogLine[] = [];
  let length = 0;
  for (const line of linesOf(log, where)) {
    entries.push({ offset: line.offset, entry: line.entry });
    length = line.end;
  }
  return { entries, length };
}

/** The same lines one after the other, so that a long log takes little memory. */
export function* linesOf(log: Uint8Array, where: string): Generator<EndedLine, void, undefined> {
  const bytes = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    const json = lineAt(bytes, offset);
    if (!json) return refuseDamage(bytes, offset, where);
    yield { offset, end: json.end, entry: parseEntry(json, offset, where) };
    offset = json.end;
  }
}

/** How many bytes of a log are whole lines. @throws RecordUnreadableError as {@link decodeLines}. */
export function wholeLength(log: Uint8Array, where: string): number {
  const bytes = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    const json = lineAt(bytes, offset);
    if (!json) {
      refuseDamage(bytes, offset, where);
      break;
    }
    offset = json.end;
  }
  return offset;
}

/** A line, and where the next one begins. */
export interface EndedLine extends LogLine {
  readonly end: number;
}

interface LinePart {
  readonly start: number;
  /** After the newline. */
  readonly end: number;
  readonly text: string;
}

const newline = 10;
const space = 32;
const maxDigits = 10;

function lineAt(bytes: Buffer, offset: number): LinePart | undefined {
  let length = 0;
  let at = offset;
  for (; at < bytes.length && at - offset <= maxDigits; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const start = at + AROUND_CHECKSUM;
  const end = start + length + 1;
  if (at === offset || end > bytes.length || bytes[at] !== space || bytes[start - 1] !== space)
    return undefined;
  if (bytes[end - 1] !== newline) return undefined;
  if (readHex(bytes, at + 1) !== crc32(bytes.subarray(start, end - 1))) return undefined;
  return { start, end, text: bytes.toString('utf8', start, end - 1) };
}

/** Eight lower-case hex digits as a number, without a text of them: there are as many as cells. */
function readHex(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; at < start + 8; at += 1) {
    const code = bytes[at] as number;
    const digit = code >= 97 && code <= 102 ? code - 87 : code >= 48 && code <= 57 ? code - 48 : Number.NaN;
    value = value * 16 + digit;
  }
  return value;
}

function checksum(json: Buffer): string {
  return crc32(json).toString(16).padStart(8, '0');
}

function parseEntry(line: LinePart, offset: number, where: string): unknown {
  try {
    return JSON.parse(line.text);
  } catch (cause) {
    throw new RecordUnreadableError(`${where} has no JSON at byte ${offset}. ${advice}`, { cause });
  }
}

function refuseDamage(bytes: Buffer, offset: number, where: string): void {
  // At every byte, as the newline before a whole line may be what is damaged.
  for (let at = offset + 1; at < bytes.length; at += 1) {
    if (lineAt(bytes, at)) {
      throw new RecordUnreadableError(`${where} is damaged from byte ${offset} to byte ${at}. ${advice}`);
    }
  }
}

const advice = 'Restore it from a copy, or move this version away and run it again.';
