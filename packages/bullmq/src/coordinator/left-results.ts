import { isDeepStrictEqual } from 'node:util';
import type { CellRecord, RunDefinition, RunHandle, StoredCellRecord } from '@crystallize/core';
import { cellRecordFromText } from '@crystallize/core/worker';
import type { Redis } from 'ioredis';
import { cellName } from '../wire/cell-job.ts';
import { entryFromFields } from '../wire/inbox-entry.ts';
import type { QueueKeys } from '../wire/queue-keys.ts';
import { readAll, type StreamEntry } from './stream-reader.ts';

/**
 * What workers finished for a coordinator that is gone, each cell once. What other code has computed is none
 * of this run's.
 */
export async function readLeftResults(
  redis: Redis,
  keys: QueueKeys,
  run: RunHandle,
): Promise<readonly StoredCellRecord[]> {
  const text = await redis.get(keys.definition(run.origin));
  if (text === null) return [];
  const definition = JSON.parse(text) as RunDefinition;
  if (!isDeepStrictEqual(computationOf(definition), computationOf(await run.definition()))) return [];
  const entries = await readAll(redis, keys.inbox(run.origin));
  const records = entries.flatMap(([, fields]) => recordsIn(fields));
  const found = new Map(records.map((record) => [cellName(record), record]));
  return [...found.values()].map((record) => ({
    record,
    condition: definition.conditions[record.condition],
  }));
}

/** What all cells of a run have in common; conditions are compared one by one, where the run is planned. */
function computationOf({ pipeline, initialContext, datasource, code }: RunDefinition): unknown {
  const modules = Object.entries(code.modules).map(([path, module]) => [path, module.code]);
  return { pipeline, initialContext, datasource, modules, packages: code.packages };
}

function recordsIn(fields: StreamEntry[1]): readonly CellRecord[] {
  const entry = entryFromFields(fields);
  if (entry?.kind !== 'results') return [];
  return entry.cells.flatMap(({ record: text }) => {
    const record = text === undefined ? undefined : readable(text);
    return record?.status === 'done' ? [record] : [];
  });
}

/** A cell whose record can't be read is simply run again. */
function readable(text: string): CellRecord | undefined {
  try {
    return cellRecordFromText(text);
  } catch {
    return undefined;
  }
}
