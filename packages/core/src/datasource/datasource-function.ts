import { frozenCopy } from '../context/freeze.ts';
import type { Values } from '../pipeline/params.ts';
import { noteScript } from '../pipeline/user-frames.ts';
import type { Widen } from '../pipeline/widen.ts';
import type { Datasource, DatasourceContext } from './datasource.ts';

/**
 * A datasource from a function, called once per cell. A treatment may set its params.
 *
 * @example
 * datasource((ctx, { n }) => Array.from({ length: n }, () => ctx.rng.normal()), { n: 100 })
 */
export function datasource<T, const P extends Readonly<Record<string, unknown>> = {}>(
  fetch: (ctx: DatasourceContext, params: Readonly<Values<Widen<P>>>) => T,
  params?: P,
): Datasource<Awaited<T>, Widen<P>> {
  return noteScript({
    ...(params === undefined ? {} : { params: frozenCopy(params) as unknown as Widen<P> }),
    // As it is, since its text is compared when a run is resumed.
    fetch: fetch as Datasource<Awaited<T>, Widen<P>>['fetch'],
  });
}
