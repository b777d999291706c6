import { isPlainObject } from '../context/freeze.ts';
import { keyOf } from './step-key.ts';
import { valueHash } from './value-hash.ts';

/**
 * @internal One thing that a step found out from its context: a key's value (`get`), only whether it is
 * set (`has`), or a fact of its cell (also by `ctx.rng`, whose stream follows from the seed). `setup…` is what
 * the step's `setup` found out.
 */
export type ContextRead =
  | readonly ['get' | 'has' | 'setup', key: string]
  | readonly ['seed' | 'replicate' | 'condition' | 'setup-seed'];

/** @internal Where what is read comes from: a cell. Looking there leaves no trace. */
export interface ReadableCell {
  readonly seed: number;
  readonly replicate: number;
  readonly condition: string;
  peek(key: string): { readonly value: unknown } | undefined;
}

/** @internal What `setup` sees, the same for all cells of a run. */
export interface SetupSource {
  /** The run's. */
  readonly seed: number;
  readonly initialContext: Readonly<Record<string, unknown>>;
}

/** @internal A read as one string. */
export function readName(read: ContextRead): string {
  return JSON.stringify(read);
}

/**
 * @internal What a cell has there, as a string that differs whenever a step could tell it.
 * @throws UnsupportedValueError when it can't be compared.
 */
export function valueOfRead(read: ContextRead, cell: ReadableCell, setup?: SetupSource): string {
  const [kind, key = ''] = read;
  switch (kind) {
    case 'seed':
      return `${cell.seed}`;
    case 'replicate':
      return `${cell.replicate}`;
    case 'condition':
      return cell.condition;
    case 'setup-seed':
      return `${setup?.seed}`;
    case 'has':
      return cell.peek(key) ? 'set' : 'absent';
    case 'get':
      return hashOf(cell.peek(key), key);
    case 'setup':
      return hashOf(initialValue(setup, key), key);
  }
}

function hashOf(found: { readonly value: unknown } | undefined, key: string): string {
  return found ? valueHash(found.value, `ctx.get('${key}')`) : 'absent';
}

function initialValue(setup: SetupSource | undefined, key: string): { readonly value: unknown } | undefined {
  const initial = setup?.initialContext ?? {};
  return Object.hasOwn(initial, key) ? { value: initial[key] } : undefined;
}

/** @internal The names of everything that one run of a step has read, sorted. */
export type ReadSet = readonly ContextRead[];

/** @internal */
export function readSet(reads: Iterable<ContextRead>): ReadSet {
  return [...new Map([...reads].map((read) => [readName(read), read]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, read]) => read);
}

/** @internal The name under which a set of reads is kept. */
export function readSetName(reads: ReadSet): string {
  return keyOf(['reads', ...reads.map(readName)]);
}

/** @internal The key of the entry for a step that reads these things and finds these values there. */
export function entryKey(step: string, reads: ReadSet, values: readonly string[]): string {
  return keyOf(['entry', step, reads.map((read, index) => [readName(read), values[index]])]);
}

/** @internal A set of reads as data, and back; `undefined` when it is none. */
export function parseReadSet(data: unknown): ReadSet | undefined {
  if (!isPlainObject(data) || !Array.isArray(data['reads'])) return undefined;
  return data['reads'].every(isRead) ? data['reads'] : undefined;
}

function isRead(value: unknown): value is ContextRead {
  if (!Array.isArray(value)) return false;
  const [kind, key] = value;
  if (kind === 'get' || kind === 'has' || kind === 'setup') return typeof key === 'string';
  return kind === 'seed' || kind === 'replicate' || kind === 'condition' || kind === 'setup-seed';
}
