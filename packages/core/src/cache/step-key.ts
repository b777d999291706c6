import { hash } from 'node:crypto';
import { valueHash } from './value-hash.ts';

/** Changes whenever what is kept, or what a key is made of, changes: older entries are then never found. */
export const CACHE_FORMAT = 1;

/** @internal What is known of a step before it runs. */
export interface KnownOfStep {
  readonly name: string;
  /** What stands for its code. */
  readonly code: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: unknown;
}

/**
 * @internal The key (hex) of all that is known of a step before it runs.
 * @throws UnsupportedValueError when its params or data can't be compared.
 */
export function stepKey({ name, code, params, data }: KnownOfStep): string {
  return keyOf([
    'step',
    name,
    code,
    valueHash(params, `the params of '${name}'`),
    valueHash(data, `the data given to '${name}'`),
  ]);
}

/** @internal A key of 160 bits (hex), so that paths stay short. */
export function keyOf(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify([CACHE_FORMAT, ...parts])).slice(0, 40);
}
