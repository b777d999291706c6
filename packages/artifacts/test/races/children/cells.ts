import type { ArtifactTarget } from '@crystallize/core';

export const cellCount = 12;

/** The artifact of a cell. */
export function cellOf(replicate: number): ArtifactTarget {
  return { replicate, condition: 'baseline', step: 'fit', name: 'model.bin' };
}
