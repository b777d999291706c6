import { splitStudentT } from './student-t.ts';

const MAX_STEPS = 200;
/** Newton's steps square the error, so that a step this small leaves none that shows. */
const CONVERGED = 1e-9;

/**
 * The t with P(|T| ≤ t) = confidence, by which two-sided intervals are made.
 *
 * @param confidence In [0, 1].
 * @param df Degrees of freedom, > 0.
 */
export function studentTTwoSidedQuantile(confidence: number, df: number): number {
  return solve(confidence, 1 - confidence, df);
}

/**
 * The t with P(T ≤ t) = confidence, by which one-sided intervals are made. Negative below ½.
 *
 * @param confidence In [0, 1].
 * @param df Degrees of freedom, > 0.
 */
export function studentTOneSidedQuantile(confidence: number, df: number): number {
  if (confidence < 0.5) return -solve(1 - 2 * confidence, 2 * confidence, df);
  return solve(2 * confidence - 1, 2 * (1 - confidence), df);
}

/** Works from whichever of centre and tail (which add up to 1) is the smaller and so the more exact. */
function solve(centre: number, tail: number, df: number): number {
  if (centre <= 0) return 0;
  if (tail <= 0) return Number.POSITIVE_INFINITY;
  return centre < tail ? solveCentre(centre, df) : solveTail(Math.log(tail), df);
}

/**
 * Newton on P(|T| ≤ t), which is concave: from the left, each step stays left of the root.
 */
function solveCentre(centre: number, df: number): number {
  const small = 1e-8;
  // The distribution is linear up to here, which gives a tangent at 0 that lies above it.
  let t = (small * centre) / splitStudentT(small, df).centre;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const at = splitStudentT(t, df);
    const change = (centre / at.centre - 1) / at.centreSlope;
    t *= 1 + change;
    if (Math.abs(change) < CONVERGED) break;
  }
  return t;
}

/**
 * Newton on ln P(|T| > t) over ln t, which is concave and falls, so that from the right each step stays
 * right of the root. The start is right of it: P(|T| > t) = I_x(ν/2, ½) ≤ I_x(ν/2, 1) = x^(ν/2).
 */
function solveTail(logTail: number, df: number): number {
  const exponent = (-2 * logTail) / df;
  // Past 700 the exponential overflows, and the −1 is nothing beside it.
  let logT = exponent < 700 ? 0.5 * Math.log(df * Math.expm1(exponent)) : 0.5 * (Math.log(df) + exponent);
  let t = Math.exp(logT);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const at = splitStudentT(t, df);
    const change = (at.logTail - logTail) / at.tailSlope;
    logT += change;
    t *= Math.exp(change);
    if (Math.abs(change) < CONVERGED || t === Number.POSITIVE_INFINITY) break;
  }
  return t;
}
