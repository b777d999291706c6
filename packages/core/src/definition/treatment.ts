import { frozenCopy, isPlainObject } from '../context/freeze.ts';
import type { Rng } from '../context/rng.ts';
import type { Datasource } from '../datasource/datasource.ts';
import { noteScript } from '../pipeline/user-frames.ts';

/** What a treatment given as a function can see and set; called once per cell. */
export interface TreatmentContext {
  readonly replicate: number;
  readonly condition: string;
  readonly seed: number;
  readonly rng: Rng;
  get<T = unknown>(key: string): T | undefined;
  has(key: string): boolean;
  /** @throws ContextMutationError when the treatment has set the key already. */
  add(key: string, value: unknown): void;
}

/** Values for the context, or a function that sets them. */
export type TreatmentValues = Readonly<Record<string, unknown>>;

/** A variant of the experiment: what it puts into the context before a cell's data is fetched. */
export interface Treatment<Name extends string = string> {
  readonly name: Name;
  /** Absent where the treatment is a function. */
  readonly values?: TreatmentValues;
  readonly apply?: (ctx: TreatmentContext) => void;
  /** Replaces the experiment's datasource under this treatment. */
  readonly datasource?: Datasource<unknown, unknown>;
}

/** What a treatment may be given beside values. */
export interface TreatmentOptions {
  /** Data of its own, in place of the experiment's. */
  readonly datasource?: Datasource<unknown, unknown>;
}

/**
 * Names a variant. One named `baseline` sets the baseline's own context.
 *
 * @example
 * treatment('k=15', { k: 15 });
 * treatment('odd replicates', (ctx) => ctx.add('odd', ctx.replicate % 2 === 1));
 */
export function treatment<const Name extends string>(
  name: Name,
  apply: (ctx: TreatmentContext) => void,
  options?: TreatmentOptions,
): Treatment<Name>;
export function treatment<const Name extends string>(
  name: Name,
  values: TreatmentValues,
  options?: TreatmentOptions,
): Treatment<Name>;
export function treatment(
  name: string,
  change: TreatmentValues | ((ctx: TreatmentContext) => void),
  options: TreatmentOptions = {},
): Treatment {
  const own = typeof change === 'function' ? { apply: change } : { values: frozenCopy(change) };
  const made = Object.freeze({
    name,
    ...own,
    ...(options.datasource ? { datasource: options.datasource } : {}),
  });
  // Of values, their text says nothing that they do not say themselves.
  return typeof change === 'function' ? noteScript(made) : made;
}

/** Every combination of the values, as treatments named `k=1,lr=0.1`, in the order of the keys. */
export function grid<const G extends Readonly<Record<string, readonly unknown[]>>>(values: G): Treatment[] {
  let combinations: Record<string, unknown>[] = [{}];
  for (const [key, choices] of Object.entries(values)) {
    combinations = combinations.flatMap((combination) =>
      choices.map((choice) => ({ ...combination, [key]: choice })),
    );
  }
  if (Object.keys(values).length === 0) return [];
  return combinations.map((combination) => treatment(nameOf(combination), combination));
}

function nameOf(combination: Readonly<Record<string, unknown>>): string {
  return Object.entries(combination)
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(',');
}

/** One that treatment() made as it is, since nobody can change it; of any other a copy. */
function owned(given: Treatment): Treatment {
  if (Object.isFrozen(given)) return given;
  return Object.freeze({
    ...given,
    ...(given.values === undefined ? {} : { values: frozenCopy(given.values) }),
  });
}

/** @internal Treatments as a list, whichever form they were given in. */
export function treatmentList(
  treatments:
    | readonly Treatment[]
    | Readonly<Record<string, TreatmentValues | ((ctx: TreatmentContext) => void)>>
    | undefined,
): readonly Treatment[] {
  if (treatments === undefined) return [];
  if (Array.isArray(treatments)) return Object.freeze(treatments.map(owned));
  if (!isPlainObject(treatments)) return [];
  return Object.entries(treatments).map(([name, values]) => treatment(name, values as TreatmentValues));
}
