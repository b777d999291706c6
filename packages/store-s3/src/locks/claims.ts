import { type Liveness, livenessOf, type ProcessIdentity, RunLockedError } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { lockFolder } from '../bucket/hidden-keys.ts';

/**
 * How a lock lies in a bucket: as claims, objects with numbers that are made under the condition that they
 * are not there yet. The highest number has the lock, unless it was released. Who takes the lock over makes
 * the next number; so of many exactly one does, and no owner ever writes another's claim. No number is used
 * twice: that is why a released claim stays until the next one is made.
 */
export interface Claim extends ProcessIdentity {
  /** Tells this holding from every other. */
  readonly token: string;
  /** For people. */
  readonly takenAt: string;
  /** The owner writes its claim anew again and again; one that does not for so many milliseconds is dead. */
  readonly lease: number;
  /** How often it was written. */
  readonly sign: number;
  readonly released?: boolean;
}

/** A claim as it was listed. */
export interface ListedClaim {
  readonly key: string;
  readonly number: number;
  /** Another one after each sign of life. */
  readonly etag: string;
}

const digits = 10;

/** The key of a claim. */
export function claimKeyOf(lock: string, number: number): string {
  return `${lockFolder(lock)}/${String(number).padStart(digits, '0')}`;
}

/** All claims to a lock, the one that counts last. */
export async function listClaims(bucket: Bucket, lock: string): Promise<readonly ListedClaim[]> {
  const folder = `${lockFolder(lock)}/`;
  const claims: ListedClaim[] = [];
  for await (const { objects } of bucket.list(folder)) {
    for (const { key, etag } of objects) {
      const name = key.slice(folder.length);
      if (/^[0-9]+$/.test(name)) claims.push({ key, number: Number(name), etag });
    }
  }
  return claims.sort((a, b) => a.number - b.number);
}

/** A claim as bytes. */
export function claimToBytes(claim: Claim): Uint8Array {
  return Buffer.from(`${JSON.stringify(claim)}\n`);
}

/** @throws RunLockedError when it does not say who made it. */
export function claimFromBytes(bytes: Uint8Array, place: string): Claim {
  try {
    const claim = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Claim>;
    const { host, pid, token, lease } = claim;
    const isWhole =
      typeof host === 'string' && Number.isSafeInteger(pid) && Number(pid) > 0 && typeof token === 'string';
    if (isWhole && typeof lease === 'number' && lease > 0) return claim as Claim;
  } catch {
    // Reported below.
  }
  throw new RunLockedError(
    `The lock ${place} does not say who holds it. If no run is going on there, remove the object.`,
  );
}

/** Whether the owner of a claim lives, as far as can be told from here. */
export function livenessOfOwner(claim: Claim, here: ProcessIdentity): Liveness {
  return claim.released ? 'dead' : livenessOf(claim, here);
}
