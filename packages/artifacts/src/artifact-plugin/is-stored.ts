import { createHash } from 'node:crypto';
import type { ArtifactRecord } from '@crystallize/core';
import type { ArtifactStore } from '@crystallize/core/storage';

/** Whether an object has the bytes that the record of an artifact tells of. */
export async function isStored(
  store: ArtifactStore,
  key: string,
  { size, sha256 }: Pick<ArtifactRecord, 'size' | 'sha256'>,
): Promise<boolean> {
  if ((await store.size(key)) !== size) return false;
  const hashing = createHash('sha256');
  for await (const piece of store.stream(key)) hashing.update(piece);
  return hashing.digest('hex') === sha256;
}
