import { createHash } from 'node:crypto';

/** Work for the processor alone: so many rounds of sha256. */
export function compute(rounds: number): number {
  let bytes = Buffer.alloc(32);
  for (let round = 0; round < rounds; round++) bytes = createHash('sha256').update(bytes).digest();
  return bytes.readUInt32LE(0);
}

/** How many rounds take about so long here, in milliseconds. */
export function roundsFor(milliseconds: number): number {
  const tried = 20_000;
  const took = Array.from({ length: 7 }, () => {
    const startedAt = performance.now();
    compute(tried);
    return performance.now() - startedAt;
  });
  // The quickest: on a busy machine the others count what else it does.
  return Math.round((tried * milliseconds) / Math.min(...took));
}
