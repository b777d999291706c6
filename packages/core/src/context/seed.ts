import { randomInt } from 'node:crypto';

const TWO_POW_32 = 2 ** 32;

/** Distance between the seeds of neighbouring replicates, as in the Python original. */
const REPLICATE_STRIDE = 31337;

/** @internal The seed of a replicate, the same for each of its conditions, so that they are paired. */
export function replicateSeed(seed: number, replicate: number): number {
  // Reduced first, and the product stays exact up to 2^53 / 31337 replicates.
  const mod = (((seed % TWO_POW_32) + ((replicate * REPLICATE_STRIDE) % TWO_POW_32)) % TWO_POW_32) as number;
  return mod < 0 ? mod + TWO_POW_32 : mod;
}

/** @internal A seed for a run that was given none. */
export function drawSeed(): number {
  return randomInt(TWO_POW_32);
}
