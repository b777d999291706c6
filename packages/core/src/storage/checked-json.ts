import { crc32 } from 'node:zlib';

/**
 * @internal A small record as JSON that tells when it was damaged: its last key, `check`, is the CRC-32 (hex) of
 * the JSON without it. A newer format may lack it.
 */
export function encodeChecked(record: object): Uint8Array {
  return Buffer.from(`${JSON.stringify({ ...record, check: checkOf(record) }, undefined, 2)}\n`);
}

/** @internal The record without its check; `undefined` when it does not fit. */
export function withoutCheck(parsed: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const { check, ...record } = parsed;
  return check === checkOf(record) ? record : undefined;
}

function checkOf(record: object): string {
  return crc32(JSON.stringify(record)).toString(16).padStart(8, '0');
}
