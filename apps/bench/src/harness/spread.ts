import type { Figures } from './program.ts';

/** The middle and the ends of what several rounds measured. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError when there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined)
    throw new RangeError('A spread needs at least one value, and got none.');
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? min, sorted[Math.floor(middle)] ?? max];
  return { median: (low + high) / 2, min, max };
}

/** One figure over all rounds. */
export function spreadOfFigure(rounds: readonly Figures[], figure: string): Spread {
  return spreadOf(rounds.map((figures) => figureIn(figures, figure)));
}

/** Round by round, one figure of a subject divided by that of its limit. */
export function spreadOfRatio(rounds: readonly Figures[], limit: readonly Figures[], figure: string): Spread {
  return spreadOf(rounds.map((figures, round) => figureIn(figures, figure) / figureIn(limit[round], figure)));
}

/** Round by round, one figure of a subject less that of its limit. */
export function spreadOfDifference(
  rounds: readonly Figures[],
  limit: readonly Figures[],
  figure: string,
): Spread {
  return spreadOf(rounds.map((figures, round) => figureIn(figures, figure) - figureIn(limit[round], figure)));
}

/** `3.1 [2.9–3.4]`, with three significant digits. */
export function formatSpread({ median, min, max }: Spread, unit = ''): string {
  return `${formatNumber(median)}${unit} [${formatNumber(min)}–${formatNumber(max)}]`;
}

/** Three significant digits, without an exponent. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4));
}

function figureIn(figures: Figures | undefined, figure: string): number {
  const value = figures?.[figure];
  if (value === undefined) throw new RangeError(`The figure '${figure}' was not measured in every round.`);
  return value;
}
