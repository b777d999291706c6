import type { EndEntry } from '@crystallize/core/storage';

/** How a session ended. */
export type SessionEnd = Pick<EndEntry, 'status' | 'endedAt'>;

/**
 * The last entry of a log, when it is that a session has ended.
 * @param log - Whole lines, each checked already.
 */
export function sessionEnd(log: Uint8Array): SessionEnd | undefined {
  const text = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  const start = text.subarray(0, -1).lastIndexOf('\n') + 1;
  // The length and the checksum come first.
  const json = text.toString('utf8', start).replace(/^\S+ \S+ /, '');
  if (json === '') return undefined;
  const entry = JSON.parse(json) as Partial<EndEntry>;
  return entry.type === 'end' ? (entry as EndEntry) : undefined;
}
