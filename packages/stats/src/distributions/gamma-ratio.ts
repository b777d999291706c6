/** Below this the ratio is carried up by recurrence first, so that five terms of the series suffice. */
const SERIES_FROM = 16;

/** Euler numbers E_2, E_4, …, E_10. */
const EULER: readonly number[] = [-1, 5, -61, 1385, -50521];

/**
 * Γ(z + ½) / Γ(z) for z > 0, to a few units in the last place, however large z is. The difference of two
 * log-gammas would lose as many digits as z has.
 *
 * With w = z − ¼, both gammas in DLMF 5.11.8 give Bernoulli polynomials at ¾ and ¼, whose difference
 * leaves Euler numbers: ln ratio ~ ½ ln w − Σ E₂ₖ / (k 4²ᵏ⁺¹ w²ᵏ). The step from z + 1 down to z is
 * DLMF 5.5.1.
 */
export function gammaRatioHalf(z: number): number {
  let shifted = z;
  let factor = 1;
  while (shifted < SERIES_FROM) {
    factor *= shifted / (shifted + 0.5);
    shifted += 1;
  }
  const w = shifted - 0.25;
  const inverseSquare = 1 / (16 * w * w);
  let power = 1;
  let logarithm = 0;
  for (const [index, euler] of EULER.entries()) {
    power *= inverseSquare;
    logarithm -= (euler * power) / (4 * (index + 1));
  }
  return factor * Math.sqrt(w) * Math.exp(logarithm);
}
