import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gammaRatioHalf } from '../src/distributions/gamma-ratio.ts';
import { splitStudentT, studentTTwoSided, studentTUpper } from '../src/distributions/student-t.ts';
import {
  studentTOneSidedQuantile,
  studentTTwoSidedQuantile,
} from '../src/distributions/student-t-quantile.ts';
import { hedgesCorrection } from '../src/effect/hedges-correction.ts';
import { distance, fixtures } from './fixtures/t-tests.ts';

const degrees = fc.double({ min: 0, max: 6, noNaN: true }).map((exponent) => 10 ** exponent);

describe("Student's t distribution", () => {
  test('agrees with mpmath to 1e-12, from df 1 to 1e6 and down to p-values of 1e-298', () => {
    const off = fixtures.tails.filter(([t, df, tail]) => !(distance(studentTTwoSided(t, df), tail) < 1e-12));
    expect(off).toEqual([]);
    expect(fixtures.tails.length).toBeGreaterThan(800);
    expect(Math.min(...fixtures.tails.map(([, , tail]) => tail))).toBeLessThan(1e-290);
  });

  test('agrees with mpmath to 1e-14 where p is above 1e-10', () => {
    const ordinary = fixtures.tails.filter(([, , tail]) => tail > 1e-10);
    expect(ordinary.filter(([t, df, tail]) => !(distance(studentTTwoSided(t, df), tail) < 1e-14))).toEqual(
      [],
    );
  });

  test('is exact in closed form for 1 and 2 degrees of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (t) => {
        expect(distance(studentTTwoSided(t, 1), (2 / Math.PI) * Math.atan2(1, t))).toBeLessThan(1e-14);
        const root = Math.sqrt(2 + t * t);
        expect(distance(studentTTwoSided(t, 2), 2 / (root * (root + t)))).toBeLessThan(1e-14);
      }),
    );
  });

  test('splits into a tail and a centre that add up to 1 and have the density as their slope', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 20, noNaN: true }), degrees, (t, df) => {
        const { logTail, centre, tailSlope, centreSlope } = splitStudentT(t, df);
        expect(Math.exp(logTail) + centre).toBeCloseTo(1, 14);
        // Both slopes times their side are 2 t density(t).
        expect(distance(centre * centreSlope, Math.exp(logTail) * tailSlope)).toBeLessThan(1e-12);
      }),
    );
  });

  test('falls where t grows, whichever method computes either side', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 30, noNaN: true }), degrees, (t, df) => {
        expect(splitStudentT(t * 1.0001, df).logTail).toBeLessThan(splitStudentT(t, df).logTail);
      }),
    );
  });

  test('has the right values at the ends', () => {
    expect(studentTTwoSided(0, 3)).toBe(1);
    expect(studentTTwoSided(-0, 3)).toBe(1);
    expect(studentTTwoSided(Number.NEGATIVE_INFINITY, 3)).toBe(0);
    expect(studentTTwoSided(1e3, 1e6)).toBe(0);
    expect(studentTUpper(0, 3)).toBe(0.5);
    expect(studentTUpper(Number.NEGATIVE_INFINITY, 3)).toBe(1);
    expect(distance(studentTTwoSided(1e200, 1), 2 / Math.PI / 1e200)).toBeLessThan(1e-13);
  });

  test('adds up to 1 over both one-sided tails', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), degrees, (t, df) => {
        expect(studentTUpper(t, df) + studentTUpper(-t, df)).toBeCloseTo(1, 15);
      }),
    );
  });

  test('nears the normal distribution for many degrees of freedom', () => {
    // erfc(1.96 / √2), from mpmath.
    expect(distance(studentTTwoSided(1.96, 1e15), 0.0499957902964409)).toBeLessThan(1e-13);
  });
});

describe('the quantile of t', () => {
  test('agrees with mpmath to 1e-12 at confidences from 1e-300 to 1 - 2^-53', () => {
    const off = fixtures.quantiles.filter(([sides, confidence, df, t]) => {
      const quantile = sides === 'two' ? studentTTwoSidedQuantile : studentTOneSidedQuantile;
      return !(distance(quantile(confidence, df), t) < 1e-12);
    });
    expect(off).toEqual([]);
    expect(fixtures.quantiles.length).toBeGreaterThan(200);
  });

  test('inverts the tail', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 0.999, noNaN: true }), degrees, (confidence, df) => {
        const t = studentTTwoSidedQuantile(confidence, df);
        expect(distance(studentTTwoSided(t, df), 1 - confidence)).toBeLessThan(1e-12);
      }),
    );
  });

  test('is 0 and infinite at the ends', () => {
    expect(studentTTwoSidedQuantile(0, 4)).toBe(0);
    expect(studentTTwoSidedQuantile(1, 4)).toBe(Number.POSITIVE_INFINITY);
    expect(studentTOneSidedQuantile(0, 4)).toBe(Number.NEGATIVE_INFINITY);
    expect(studentTOneSidedQuantile(0.5, 4)).toBe(0);
  });
});

describe('the ratio of gammas', () => {
  test('follows its recurrence across the change of method, to the last digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e9, noNaN: true }), (z) => {
        expect(distance(gammaRatioHalf(z + 1), (gammaRatioHalf(z) * (z + 0.5)) / z)).toBeLessThan(1e-14);
      }),
    );
  });

  test('is Γ(1) / Γ(½) at ½', () => {
    expect(distance(gammaRatioHalf(0.5), 1 / Math.sqrt(Math.PI))).toBeLessThan(2e-15);
  });

  test("gives Hedges' correction as mpmath has it, and none below 2 degrees of freedom", () => {
    for (const [df, factor] of fixtures.hedgesCorrections) {
      expect(distance(hedgesCorrection(df), factor), `df ${df}`).toBeLessThan(5e-15);
    }
    expect(hedgesCorrection(1)).toBeNaN();
  });
});
