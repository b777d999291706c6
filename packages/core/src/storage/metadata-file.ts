import { RecordUnreadableError } from '../errors/storage-errors.ts';
import { isRecord, parseFile } from './results-file.ts';
import { damageAdvice } from './run-claim.ts';
import type { RunMetadata } from './saved-run.ts';

/** The bytes of a `metadata.json`. */
export function encodeMetadata(metadata: RunMetadata): Uint8Array {
  return Buffer.from(JSON.stringify(metadata));
}

/**
 * Reads a `metadata.json`, of ours or of the Python original.
 * @throws RecordUnreadableError when it is damaged, its `replicates` is no count or its `id` no text.
 */
export function parseMetadata(bytes: Uint8Array, where: string): RunMetadata {
  const metadata = parseFile(bytes, where);
  const replicates = isRecord(metadata) ? metadata.replicates : undefined;
  if (!isRecord(metadata) || !Number.isSafeInteger(replicates) || (replicates as number) < 0) {
    throw new RecordUnreadableError(`${where} has no count of 'replicates', as it should. ${damageAdvice}`);
  }
  if (typeof metadata.id !== 'string') {
    throw new RecordUnreadableError(`${where} has no 'id', as it should. ${damageAdvice}`);
  }
  return metadata as RunMetadata;
}
