import { InvalidArgumentError } from '@commander-js/extra-typings';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A whole number of at least 1. @throws InvalidArgumentError */
export function positiveNumber(text: string): number {
  return wholeNumber(text, 1);
}

/** A whole number of at least `least`, in decimal digits. @throws InvalidArgumentError */
export function wholeNumber(text: string, least: number = Number.MIN_SAFE_INTEGER): number {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least) return number;
  const expected = least === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number from ${least}`;
  throw new InvalidArgumentError(`It takes ${expected}.`);
}

/** Milliseconds from `500ms`, `30s`, `2m`, `1h`, or a plain number of milliseconds. @throws InvalidArgumentError */
export function milliseconds(text: string): number {
  const [, digits = '', unit = 'ms'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text) ?? [];
  const number = Number(digits) * (UNITS[unit] ?? 1);
  if (digits !== '' && number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It takes a time such as 500ms, 30s, 2m or 1h.');
}

/** A size in MiB, from 0, in decimal digits. @throws InvalidArgumentError */
export function mebibytes(text: string): number {
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It takes a number of MiB, such as 10 or 0.5.');
}

/** The number of a version, from `3` or `v3`. @throws InvalidArgumentError */
export function versionNumber(text: string): number {
  const [, digits = ''] = /^v?(\d+)$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits !== '' && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It takes the number of a version, such as 3 or v3.');
}
