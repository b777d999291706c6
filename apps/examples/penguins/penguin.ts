import { z } from 'zod';

/** The three species that breed in the Palmer Archipelago. */
export const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'] as const;

export type Species = (typeof SPECIES)[number];

const missing = z.literal('').transform(() => null);
const measurement = z.union([missing, z.coerce.number().positive()]);

/** One row of `penguins.csv`. What nobody measured is null, never a number that was made up. */
export const Penguin = z.object({
  species: z.enum(SPECIES),
  island: z.enum(['Biscoe', 'Dream', 'Torgersen']),
  bill_length_mm: measurement,
  bill_depth_mm: measurement,
  flipper_length_mm: measurement,
  body_mass_g: measurement,
  // One Gentoo has a dot where its sex should stand.
  sex: z.union([missing, z.literal('.').transform(() => null), z.enum(['FEMALE', 'MALE'])]),
});

export type Penguin = z.infer<typeof Penguin>;
