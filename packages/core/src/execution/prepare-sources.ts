import type { Datasource, DatasourceScope } from '../datasource/datasource.ts';
import { ReplicateMismatchError } from '../errors/run-errors.ts';
import type { RunInput } from '../plugin/records.ts';

/** @internal What the datasources of a run have found out before the first cell. */
export interface PreparedSources {
  /** Given or found; `undefined` when neither. */
  readonly replicates: number | undefined;
  readonly inputs: readonly RunInput[];
  readonly data: ReadonlyMap<object, unknown>;
}

/** @internal The datasources of a run, each with the conditions that it serves. */
export type SourceConditions = ReadonlyMap<Datasource<unknown, unknown>, readonly string[]>;

/** @internal Asks each datasource once. @throws ReplicateMismatchError when counts don't agree. */
export async function prepareSources(
  sources: SourceConditions,
  scope: Omit<DatasourceScope, 'conditions'>,
): Promise<PreparedSources> {
  const data = new Map<object, unknown>();
  const inputs: RunInput[] = [];
  let { replicates } = scope;
  for (const [source, conditions] of sources) {
    const prepared = await source.prepare?.({ ...scope, conditions });
    data.set(source, prepared?.data);
    inputs.push(...(prepared?.inputs ?? []));
    const count = prepared?.replicates ?? source.replicates;
    if (count === undefined) continue;
    if (replicates !== undefined && replicates !== count) {
      throw new ReplicateMismatchError(
        `${replicates} replicates were asked for, and the datasource serves ${count}. Ask for ${count}, or leave replicates out.`,
      );
    }
    replicates = count;
  }
  return { replicates, inputs, data };
}
