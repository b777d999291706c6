import { randomUUID } from 'node:crypto';
import { type ArtifactStore, identifyProcess } from '@crystallize/core/storage';
import { Bucket } from '../../src/bucket/bucket.ts';
import { putOnce } from '../../src/bucket/put-once.ts';
import { type S3StoreOptions, s3Store } from '../../src/index.ts';
import { claimKeyOf, claimToBytes, listClaims } from '../../src/locks/claims.ts';
import { readS3StoreOptions } from '../../src/s3-store-options.ts';
import type { S3Place } from './s3-place.ts';

/** Options of a store in a bucket of a server of these tests. */
export function storeOptions(
  { endpoint, credentials }: S3Place,
  options: Partial<S3StoreOptions> = {},
): S3StoreOptions {
  return { bucket: 'experiments', endpoint, credentials, region: 'us-east-1', ...options };
}

/** A store in a bucket of a server of these tests. */
export function openStore(place: S3Place, options?: Partial<S3StoreOptions>): ArtifactStore {
  return s3Store(storeOptions(place, options));
}

/** The requests that such a store makes. */
export function openBucket(place: S3Place, options?: Partial<S3StoreOptions>): Bucket {
  return new Bucket(readS3StoreOptions(storeOptions(place, options)));
}

/** Takes a lock over as a process does that takes its owner for dead. */
export async function takeLockAway(bucket: Bucket, key: string): Promise<void> {
  const number = ((await listClaims(bucket, key)).at(-1)?.number ?? -1) + 1;
  const owner = { ...identifyProcess(), token: randomUUID(), takenAt: new Date().toISOString() };
  const claim = claimToBytes({ ...owner, lease: 30_000, sign: 0 });
  if (!(await putOnce(bucket, claimKeyOf(key, number), claim))) throw new Error('another was first');
}
