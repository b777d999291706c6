import type { Result } from './result.ts';

const kept = new WeakMap<object, Result>();

/**
 * What a run that was aborted, or stopped by an error, had finished until then: its cells, metrics and
 * artifacts. Its status is `failed`, its `error` says why it ended, and no hypothesis is evaluated.
 * `undefined` for an error that no run has rejected with, or before its first cell could start.
 *
 * An error object has the same under `partialResult`.
 *
 * @example
 * try {
 *   await experiment.run({ signal });
 * } catch (error) {
 *   console.log(partialResult(error)?.rows());
 * }
 */
export function partialResult(error: unknown): Result | undefined {
  return isObject(error) ? kept.get(error) : undefined;
}

/** @internal */
export function keepPartialResult(error: unknown, result: Result): void {
  if (!isObject(error)) return;
  kept.set(error, result);
  if (!(error instanceof Error) || !Object.isExtensible(error)) return;
  // Not enumerable, so that the error prints as before.
  Object.defineProperty(error, 'partialResult', {
    value: result,
    enumerable: false,
    configurable: true,
    writable: true,
  });
}

const keptOfGraphs = new WeakMap<object, Readonly<Record<string, Result>>>();

/**
 * The same for a graph that was aborted: by experiment, what each had finished; those that had not
 * started are absent.
 */
export function partialResults(error: unknown): Readonly<Record<string, Result>> | undefined {
  return isObject(error) ? keptOfGraphs.get(error) : undefined;
}

/** @internal */
export function keepPartialResults(error: unknown, results: Readonly<Record<string, Result>>): void {
  if (isObject(error)) keptOfGraphs.set(error, results);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
