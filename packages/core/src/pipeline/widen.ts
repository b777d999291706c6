import type { RequiredParam } from './params.ts';

/**
 * The params that defaults declare: a default of 5 declares a number, not the number 5, and `[1, 2]` a
 * list of numbers. A union that was asserted, such as `'a' as 'a' | 'b'`, stays as it is.
 */
export type Widen<P> = { [K in keyof P]: WidenedValue<P[K]> };

type WidenedValue<V> =
  IsUnion<V> extends true ? V : V extends readonly unknown[] ? WidenedList<V> : WidenedItem<V>;

type WidenedList<V extends readonly unknown[]> = number extends V['length']
  ? V
  : readonly WidenedItem<V[number]>[];

/** Of each member of a union; instances of classes and what is no plain data stay as they are. */
type WidenedItem<V> = V extends number
  ? number
  : V extends string
    ? string
    : V extends bigint
      ? bigint
      : V extends boolean
        ? boolean
        : V extends readonly unknown[]
          ? WidenedList<V>
          : V extends object
            ? IsLiteral<V> extends true
              ? { readonly [K in keyof V]: WidenedValue<V[K]> }
              : V
            : V;

/** Whether an object was written where it stands: each of its keys is readonly and holds data. */
type IsLiteral<V extends object> = keyof RequiredParam<unknown> & keyof V extends never
  ? Extract<V[keyof V], (...args: never) => unknown> extends never
    ? Same<{ [K in keyof V]: V[K] }, { readonly [K in keyof V]: V[K] }>
    : false
  : false;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type IsUnion<V, Each = V> = [V] extends [boolean]
  ? false
  : Each extends unknown
    ? [V] extends [Each]
      ? false
      : true
    : never;
