const TINY = 1e-300;
const MAX_TERMS = 10_000;

/**
 * The continued fraction K(a, x) in I_x(a, ½) = xᵃ (1 − x)^½ / (B(a, ½) K), for y above about
 * 1 / (a + 2½): the nearer y is to 0, the more terms it takes. It is that of Didonato & Morris,
 * "Algorithm 708: significant digit computation of the incomplete beta function ratios", ACM TOMS 18
 * (1992), evaluated by the modified Lentz method. The better known fraction, DLMF 8.17.22, cancels where
 * a is large and x close to 1.
 *
 * @param y 1 − x, passed in because it can't be had from an x close to 1.
 */
export function betaTailFraction(a: number, x: number, y: number): number {
  const b = 0.5;
  // a y − b x + 1 stays exact where a is 10⁶ and x differs from 1 by 10⁻⁶.
  const offset = a * y - b * x + 1;
  let value = Math.max((a * offset) / (a + 1), TINY);
  let numeratorRatio = value;
  let denominatorRatio = 0;
  for (let m = 1; m <= MAX_TERMS; m += 1) {
    const odd = a + 2 * m - 1;
    const alpha = ((a + m - 1) / odd) * ((a + b + m - 1) / odd) * m * (b - m) * x * x;
    const beta = m + (m * (b - m) * x) / odd + ((a + m) * (offset + m * (1 + y))) / (odd + 2);
    denominatorRatio = 1 / nonZero(beta + alpha * denominatorRatio);
    numeratorRatio = nonZero(beta + alpha / numeratorRatio);
    const change = numeratorRatio * denominatorRatio;
    value *= change;
    if (Math.abs(change - 1) <= Number.EPSILON) break;
  }
  return value;
}

/**
 * The series S(a, y) in I_y(½, a) = 2 y^½ (1 − y)ᵃ S / B(½, a): DLMF 8.17.8, all terms positive. For
 * y below about 1 / (a + 2½), where few terms are enough.
 */
export function betaCentreSeries(a: number, y: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < MAX_TERMS; n += 1) {
    term *= ((a + 0.5 + n) / (1.5 + n)) * y;
    sum += term;
    if (term <= sum * (Number.EPSILON / 8)) break;
  }
  return sum;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
