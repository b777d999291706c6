import type { ReadRow } from './read-csv.ts';

/** Makes the value of a row anew from its text. */
export type MakeRow = (text: ReadRow['text']) => unknown;

/**
 * Rows that were read once, of which each cell gets its own: what one cell changes in them, no other
 * sees. Rows of plain data are copied. A row with an object of some class, which nobody outside that
 * class can copy, is made anew by the schema.
 */
export class RowCopies {
  readonly #copiers: readonly (() => unknown)[];

  constructor(rows: readonly ReadRow[], make: MakeRow) {
    this.#copiers = rows.map(({ text, value }) => copierOf(value) ?? (() => make(text)));
  }

  /** All rows, as objects that are nobody else's. */
  async copy(): Promise<unknown[]> {
    const rows: unknown[] = new Array(this.#copiers.length);
    for (const [i, copier] of this.#copiers.entries()) {
      const row = copier();
      rows[i] = row instanceof Promise ? await row : row;
    }
    return rows;
  }
}

function copierOf(value: unknown): (() => unknown) | undefined {
  if (isPrimitive(value)) return () => value;
  if (isPlain(value) && Object.values(value).every(isPrimitive)) {
    return Object.isFrozen(value) ? () => value : () => ({ ...value });
  }
  return isData(value) ? () => structuredClone(value) : undefined;
}

function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' && typeof value !== 'function') || value === null;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether a structured clone is the same again: it would drop classes, and refuse functions. */
function isData(value: unknown): boolean {
  if (isPrimitive(value)) return typeof value !== 'symbol';
  if (isPlain(value))
    return Reflect.ownKeys(value).every((key) => typeof key === 'string' && isData(value[key]));
  switch (Object.getPrototypeOf(value)) {
    case Array.prototype:
      return (value as readonly unknown[]).every(isData);
    case Date.prototype:
      return true;
    case Set.prototype:
      return [...(value as ReadonlySet<unknown>)].every(isData);
    case Map.prototype:
      return [...(value as ReadonlyMap<unknown, unknown>)].flat().every(isData);
    default:
      return false;
  }
}
