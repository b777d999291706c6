import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, RunLockedError, type StoreLock } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { putOnce } from '../bucket/put-once.ts';
import {
  type Claim,
  claimFromBytes,
  claimKeyOf,
  claimToBytes,
  type ListedClaim,
  listClaims,
  livenessOfOwner,
} from './claims.ts';
import { S3Lock } from './s3-lock.ts';

const mostAttempts = 50;
const longestPause = 1000;
const looksPerLease = 30;

/** What a lock is taken with. */
export interface LockTools {
  readonly bucket: Bucket;
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
  /** In milliseconds. */
  readonly lease: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Takes a lock; that of a dead owner is taken over. On its own machine an owner is known to be dead when
 * its process is gone; one on another machine is watched for a lease.
 *
 * @throws RunLockedError when another owner holds it, or may.
 */
export async function takeLock(tools: LockTools, key: string): Promise<StoreLock> {
  const { bucket, lease, signal } = tools;
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    signal?.throwIfAborted();
    const claims = await listClaims(bucket, key);
    const last = claims.at(-1);
    if (last && !(await isOver(tools, key, last))) continue;
    const number = (last?.number ?? -1) + 1;
    const owner = { ...identifyProcess(), token: randomUUID(), takenAt: new Date().toISOString() };
    const claim: Claim = { ...owner, lease, sign: 0 };
    if (!(await putOnce(bucket, claimKeyOf(key, number), claimToBytes(claim)))) continue;
    const lock = new S3Lock(bucket, key, number, claim);
    await removeEarlier(bucket, claims);
    return lock;
  }
  throw new RunLockedError(
    `Could not take the lock ${bucket.placeOf(key)}: other processes keep taking and releasing it. Try again later.`,
  );
}

/** Whether the claim was released, or its owner is dead; `false` when it has to be looked for again. */
async function isOver(tools: LockTools, key: string, last: ListedClaim): Promise<boolean> {
  const { bucket, read } = tools;
  const bytes = await read(last.key);
  // Its successor has removed it.
  if (!bytes) return false;
  const here = identifyProcess();
  const claim = claimFromBytes(bytes, bucket.placeOf(last.key));
  const liveness = livenessOfOwner(claim, here);
  if (liveness === 'dead') return true;
  if (liveness === 'unknown') return watchForLife(tools, key, last, claim);
  const who = claim.pid === here.pid ? 'this process' : `the process ${claim.pid} on ${claim.host}`;
  throw new RunLockedError(
    `${bucket.placeOf(key)} is held by ${who} since ${claim.takenAt}. Wait until that has ended.`,
  );
}

/**
 * Watches a lock whose owner can't be seen from here: on another machine, or in another container. Only
 * whether its claim changes is looked at, by this process's own clock: those of two machines may differ.
 */
async function watchForLife(
  { bucket, read, lease, signal }: LockTools,
  key: string,
  seen: ListedClaim,
  claim: Claim,
): Promise<boolean> {
  const needed = Math.max(lease, claim.lease);
  const pause = Math.min(longestPause, needed / looksPerLease);
  let before = performance.now();
  for (let watched = 0; watched < needed; ) {
    await wait(pause, signal);
    const last = (await listClaims(bucket, key)).at(-1);
    if (last?.number !== seen.number) return false;
    if (last.etag !== seen.etag) {
      const bytes = await read(last.key);
      if (!bytes || claimFromBytes(bytes, bucket.placeOf(last.key)).released) return false;
      throw new RunLockedError(
        `${bucket.placeOf(key)} is held by the process ${claim.pid} on ${claim.host} since ${claim.takenAt}, which lives: it gave a sign while this process watched. Wait until that has ended.`,
      );
    }
    const now = performance.now();
    // Of a time in which this process stood still only a little counts: the owner, on a machine that
    // stood still as well, could not give a sign in it.
    watched += Math.min(now - before, 2 * pause);
    before = now;
  }
  return true;
}

/** The claims that the new one follows. Who holds the lock does not depend on it: the highest number counts. */
async function removeEarlier(bucket: Bucket, claims: readonly ListedClaim[]): Promise<void> {
  try {
    await bucket.deleteAll(claims.map(({ key }) => key));
  } catch {
    // The next owner tries again.
  }
}

/** A timer that keeps the process alive: someone waits for the lock. It is gone when the signal comes. */
async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
