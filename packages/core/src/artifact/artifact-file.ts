import type { ArtifactIdentity } from '../plugin/records.ts';

/**
 * An artifact that was written: reads it and checks it. Its size and sha256 are compared with those
 * recorded whenever it is read; a mismatch is a {@link CorruptArtifactError}.
 */
export interface ArtifactFile extends ArtifactIdentity {
  /** A file on this machine that holds the checked bytes. Do not write to it. */
  path(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  /** The bytes as UTF-8. */
  text(): Promise<string>;
  /** The text as JSON. */
  json<T = unknown>(): Promise<T>;
  /** The bytes in pieces; checked at the end, so wait for the end before you trust them. */
  stream(): AsyncIterable<Uint8Array>;
}
