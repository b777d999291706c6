import type { Datasource, DatasourceScope } from '../datasource/datasource.ts';
import { ReplicateMismatchError } from '../errors/run-errors.ts';
import type { RunInput } from '../plugin/records.ts';

/** @internal What the datasources of a run have found out before the first cell. */
export interface PreparedSources {
  /** Given or found; 1 when neither. */
  readonly replicates: number;
  readonly inputs: readonly RunInput[];
  readonly data: ReadonlyMap<object, unknown>;
}

/** @internal Asks each datasource once. @throws ReplicateMismatchError when counts don't agree. */
export async function prepareSources(
  sources: ReadonlySet<Datasource<unknown, unknown>>,
  scope: DatasourceScope,
): Promise<PreparedSources> {
  const data = new Map<object, unknown>();
  const inputs: RunInput[] = [];
  let { replicates } = scope;
  for (const source of sources) {
    const prepared = await source.prepare?.(scope);
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
  return { replicates: replicates ?? 1, inputs, data };
}
