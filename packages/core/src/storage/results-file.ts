import { RecordUnreadableError } from '../errors/storage-errors.ts';
import type { CellRecord } from '../plugin/records.ts';
import { parseLenientJson } from './lenient-json.ts';
import { toPlainJson } from './plain-json.ts';
import { damageAdvice } from './run-claim.ts';

/** `results.json`, as it is on disk. */
export interface ResultsFile {
  readonly metrics: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * The values of each metric in replicate order, from the cells that are done and of the condition; a
 * metric recorded twice in a cell has both values.
 */
export function metricsOf(
  cells: Iterable<CellRecord>,
  condition: string,
): Readonly<Record<string, readonly unknown[]>> {
  const done = [...cells].filter((cell) => cell.condition === condition && cell.status === 'done');
  done.sort((a, b) => a.replicate - b.replicate);
  const metrics = new Map<string, unknown[]>();
  for (const cell of done) {
    for (const { metric, value } of cell.metrics) {
      const values = metrics.get(metric);
      if (values) values.push(value);
      else metrics.set(metric, [value]);
    }
  }
  return Object.fromEntries(metrics);
}

/**
 * The `results.json` of one condition: each metric's values in replicate order, from the cells of that
 * condition that are done. It is strict JSON, for other programs: NaN and ±Infinity become null, a Date
 * its ISO text, a bigint its digits as a string, a Map an array of pairs, a Set and a typed array an
 * array, and what has no such form null. Exact values are in the records.
 */
export function deriveResults(cells: Iterable<CellRecord>, condition: string): ResultsFile {
  return plainResults(metricsOf(cells, condition));
}

/** The same from values that have been gathered already. */
export function plainResults(metrics: Readonly<Record<string, readonly unknown[]>>): ResultsFile {
  const plain = Object.entries(metrics).map(([metric, values]) => [metric, values.map(toPlainJson)]);
  return { metrics: Object.fromEntries(plain) };
}

/** The bytes of a `results.json`. */
export function encodeResults(results: ResultsFile): Uint8Array {
  return Buffer.from(JSON.stringify(results));
}

/**
 * Reads a `results.json`, also one with the bare NaN and Infinity of the Python original.
 * @throws RecordUnreadableError when it is damaged.
 */
export function parseResults(bytes: Uint8Array, where: string): ResultsFile {
  const file = parseFile(bytes, where);
  const metrics = isRecord(file) ? file.metrics : undefined;
  if (!isRecord(metrics) || !Object.values(metrics).every(Array.isArray)) {
    throw new RecordUnreadableError(
      `${where} lacks the lists of 'metrics' that it should have. ${damageAdvice}`,
    );
  }
  return { metrics: metrics as ResultsFile['metrics'] };
}

/**
 * The JSON of a small file of a run, bare NaN and Infinity accepted.
 * @throws RecordUnreadableError when it is none.
 */
export function parseFile(bytes: Uint8Array, where: string): unknown {
  try {
    return parseLenientJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RecordUnreadableError(`${where} is not the JSON that it should be. ${damageAdvice}`, { cause });
  }
}

/** Whether a parsed value is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
