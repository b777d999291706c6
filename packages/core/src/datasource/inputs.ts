import { reveal } from '../context/secret.ts';
import { GraphInvalidError, ReplicateMismatchError } from '../errors/run-errors.ts';
import type { Gives } from '../pipeline/chain.ts';
import type { Values } from '../pipeline/params.ts';
import type { Datasource, DatasourceContext, DatasourceScope, PreparedSource } from './datasource.ts';
import { sourceFingerprint } from './source-fingerprint.ts';

type Sources = Readonly<Record<string, Datasource<unknown, unknown>>>;

/** The params of all the bundled sources. */
type ParamsOf<S extends Sources> = Union<
  { [K in keyof S]: S[K] extends Datasource<unknown, infer P> ? P : never }[keyof S]
>;
type Union<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

/** What the bundled sources yield, by name. */
export type InputsOf<S extends Sources> = { [K in keyof S]: Gives<S[K]> };

/**
 * Bundles several datasources: each cell gets an object with the data of each.
 *
 * @throws ReplicateMismatchError when two of them serve different counts of replicates.
 * @example
 * inputs({ model: artifactDatasource(training, model), rows: csvDatasource('test.csv') })
 */
export function inputs<const S extends Sources>(sources: S): Datasource<InputsOf<S>, ParamsOf<S>> {
  const names = Object.keys(sources);
  if (names.length === 0)
    throw new GraphInvalidError('inputs({ … }) needs at least one datasource, and got none.');
  const list = Object.entries(sources);
  const fixed = agree(list.map(([name, source]) => ({ name, count: source.replicates })));
  return {
    params: Object.assign({}, ...list.map(([, source]) => source.params ?? {})),
    ...(fixed === undefined ? {} : { replicates: fixed }),
    upstream: list.flatMap(([, source]) => source.upstream ?? []),
    prepare: (scope) => prepareAll(list, scope),
    fetch: async (ctx, params, prepared) => {
      const data = prepared as Readonly<Record<string, unknown>> | undefined;
      const fetched = await Promise.all(
        list.map(async ([name, source]) => [
          name,
          await source.fetch(childOf(ctx, name), ownParams(source, params, ctx) as never, data?.[name]),
        ]),
      );
      return Object.fromEntries(fetched) as InputsOf<S>;
    },
    ...inputsOfAll(list),
    ...notComparedOf(list),
    fingerprint: async () => {
      const prints = list.map(async ([name, source]) => `${name}:${await sourceFingerprint(source)}`);
      return (await Promise.all(prints)).join('\n');
    },
  } as Datasource<InputsOf<S>, ParamsOf<S>> & { readonly params: Values<ParamsOf<S>> };
}

function notComparedOf(
  list: readonly [string, Datasource<unknown, unknown>][],
): Pick<Datasource<unknown, unknown>, 'notCompared'> {
  const sentences = list.flatMap(([, { notCompared }]) => notCompared ?? []);
  return sentences.length === 0 ? {} : { notCompared: sentences.join(' ') };
}

/** Only where each can tell: of a part nothing would follow for the whole. */
function inputsOfAll(
  list: readonly [string, Datasource<unknown, unknown>][],
): Pick<Datasource<unknown, unknown>, 'inputsOf'> {
  const reading = list.filter(([, source]) => (source.upstream ?? []).length > 0);
  if (reading.length === 0 || reading.some(([, source]) => !source.inputsOf)) return {};
  return {
    async inputsOf(cell, prepared) {
      const data = prepared as Readonly<Record<string, unknown>> | undefined;
      const each = reading.map(async ([name, source]) => (await source.inputsOf?.(cell, data?.[name])) ?? []);
      return (await Promise.all(each)).flat();
    },
  };
}

async function prepareAll(
  list: readonly [string, Datasource<unknown, unknown>][],
  scope: DatasourceScope,
): Promise<PreparedSource> {
  const prepared = await Promise.all(
    list.map(async ([name, source]): Promise<PreparedSource & { readonly name: string }> => {
      const fixed = source.replicates === undefined ? {} : { replicates: source.replicates };
      return { name, ...fixed, ...(await source.prepare?.(scope)) };
    }),
  );
  const replicates = agree(prepared.map(({ name, replicates: count }) => ({ name, count })));
  return {
    ...(replicates === undefined ? {} : { replicates }),
    inputs: prepared.flatMap((source) => source.inputs ?? []),
    data: Object.fromEntries(prepared.map(({ name, data }) => [name, data])),
  };
}

function agree(
  sources: readonly { readonly name: string; readonly count: number | undefined }[],
): number | undefined {
  const known = sources.filter((source) => source.count !== undefined);
  const counts = new Set(known.map((source) => source.count));
  if (counts.size <= 1) return known[0]?.count;
  const list = known.map(({ name, count }) => `'${name}' has ${count}`).join(', ');
  throw new ReplicateMismatchError(
    `The inputs serve different counts of replicates: ${list}. Run their experiments with the same count, or give one the option replicates: 'cycle'.`,
  );
}

/** Two sources may have a param of one name, each with a default of its own. */
function ownParams(source: Datasource<unknown, unknown>, params: object, ctx: DatasourceContext): object {
  const own = Object.entries(source.params ?? {});
  return Object.fromEntries(
    own.map(([key, fallback]) => [key, ctx.has(key) ? Reflect.get(params, key) : reveal(fallback)]),
  );
}

interface Nestable {
  child(name: string): DatasourceContext;
}

function childOf(ctx: DatasourceContext, name: string): DatasourceContext {
  return 'child' in ctx ? (ctx as DatasourceContext & Nestable).child(name) : ctx;
}
