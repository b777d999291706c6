import { hash } from 'node:crypto';

const HEAD = 'crystallize-cache ';
const DIGEST_LENGTH = 64;

/** @internal Data with its own checksum: whatever byte of it is lost or changed, it is noticed. */
export function seal(data: unknown): Buffer {
  const json = JSON.stringify(data);
  return Buffer.from(`${HEAD}${hash('sha256', json)}\n${json}`);
}

/** @internal The data; `undefined` when it is damaged or not ours. */
export function unseal(bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = HEAD.length + DIGEST_LENGTH + 1;
  const json = buffer.subarray(start);
  // The head byte for byte, so that no other text with the same meaning passes.
  if (buffer.toString('latin1', 0, start) !== `${HEAD}${hash('sha256', json)}\n`) return undefined;
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    // Sealed, but by something else.
    return undefined;
  }
}
