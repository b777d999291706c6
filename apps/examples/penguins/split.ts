import { pipelineStep } from '@crystallize/core';
import { type MeasuredPenguin, measuredPenguins } from './measured-penguin.ts';
import type { Penguin } from './penguin.ts';

/** Which penguins a model learns from, is tuned on, and must never see. */
export interface Split {
  readonly train: readonly MeasuredPenguin[];
  readonly validation: readonly MeasuredPenguin[];
  /** Lines of `penguins.csv` that are kept for the final test. */
  readonly heldOut: readonly number[];
}

/**
 * Deals the penguins at random. A replicate's seed is the same for every condition, so all treatments
 * of a replicate are tried on the same split, and can be compared pair by pair.
 */
export const split = pipelineStep({
  name: 'split',
  params: { validationShare: 0.2, heldOutShare: 0.2 },
  run(penguins: readonly Penguin[], ctx, { validationShare, heldOutShare }): Split {
    const measured = measuredPenguins(penguins);
    const dealt = ctx.rng.shuffle(measured);
    const heldOut = Math.round(dealt.length * heldOutShare);
    const validation = Math.round(dealt.length * validationShare);
    return {
      heldOut: dealt.slice(0, heldOut).map(({ line }) => line),
      validation: dealt.slice(heldOut, heldOut + validation),
      train: dealt.slice(heldOut + validation),
    };
  },
});
