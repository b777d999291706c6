/** Digits of the spread that are shown: more of the mean would be noise. */
const SPREAD_DIGITS = 3;
const MOST_DECIMALS = 8;

/** Shows the figures of one metric alike, so that they can be compared down a column. */
export type Figures = (value: number) => string;

/**
 * Decides how many decimals the figures of a metric get: whole numbers none, others as many as show
 * three digits of the smallest spread (or of the values, where they don't spread). Very large and very
 * small ones are shown with an exponent.
 */
export function figuresFor(means: readonly number[], spreads: readonly number[]): Figures {
  const finite = means.filter((mean) => Number.isFinite(mean));
  const size = Math.max(0, ...finite.map(Math.abs));
  const scales = spreads.filter((spread) => Number.isFinite(spread) && spread > size * 1e-9);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return finiteOr((value) => value.toExponential(3));
  if (scales.length === 0 && finite.every(Number.isInteger)) return finiteOr((value) => value.toFixed(0));
  const scale = scales.length > 0 ? Math.min(...scales) : size;
  const wanted = SPREAD_DIGITS - 1 - Math.floor(Math.log10(scale || 1));
  const decimals = Math.min(MOST_DECIMALS, Math.max(0, wanted));
  return finiteOr((value) => value.toFixed(decimals));
}

/** A figure that stands alone, with three significant digits. */
export function figure(value: number): string {
  return finiteOr((number) => String(Number(number.toPrecision(3))))(value);
}

/** A p-value: small ones as a bound, as it is usual. */
export function pValue(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value < 0.0001 ? '<0.0001' : value.toPrecision(3);
}

function finiteOr(show: Figures): Figures {
  return (value) => {
    if (Number.isFinite(value)) return show(value).replace(/^-(?=[0.]+$)/, '');
    if (Number.isNaN(value)) return '–';
    return value > 0 ? '∞' : '-∞';
  };
}
