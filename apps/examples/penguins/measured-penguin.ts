import type { Penguin, Species } from './penguin.ts';

/** A penguin that was measured in full. */
export interface MeasuredPenguin {
  /** Line of `penguins.csv`, from 1; the header is line 1. */
  readonly line: number;
  readonly species: Species;
  /** Bill length, bill depth and flipper length in mm, body mass in g. */
  readonly measurements: readonly number[];
}

/**
 * Leaves out the penguins without measurements (2 of 344). One whose sex is unknown stays: sex is not
 * used, so nothing of it is missing.
 */
export function measuredPenguins(penguins: readonly Penguin[]): MeasuredPenguin[] {
  return penguins.flatMap(
    ({ species, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g }, index) => {
      const measurements = [bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g];
      return measurements.every((value) => value !== null)
        ? [{ line: index + 2, species, measurements }]
        : [];
    },
  );
}
