import type { Datasource } from '../../datasource/datasource.ts';
import { CrystallizeError } from '../../errors/crystallize-error.ts';
import type { ArtifactIdentity, CellRecord, InputRecord } from '../../plugin/records.ts';

/**
 * @internal What differs between what a cell has read and what it would read now, as a phrase;
 * `undefined` when nothing does, or when its datasource can't tell.
 */
export async function changedInput(
  record: CellRecord,
  datasource: Datasource<unknown, unknown>,
  prepared: unknown,
): Promise<string | undefined> {
  if (record.inputs.length === 0 || !datasource.inputsOf) return undefined;
  let now: readonly ArtifactIdentity[];
  try {
    now = await datasource.inputsOf(record, prepared);
  } catch (error) {
    // What the cell read is not there to be compared, which only these two errors say.
    if (error instanceof CrystallizeError && ['ARTIFACT_NOT_FOUND', 'UPSTREAM_FAILED'].includes(error.code)) {
      return `what it read is there no more: ${error.message}`;
    }
    throw error;
  }
  for (const input of record.inputs) {
    const found = now.find((entry) => isSamePlace(entry, input));
    if (!found)
      return `it read ${placeOf(input)}, and would now read ${now.map(placeOf).join(', ') || 'nothing'}`;
    if (!isSameContent(found, input))
      return `${placeOf(input)}, which it read, has changed${contents(input, found)}`;
  }
  return undefined;
}

function isSamePlace(a: ArtifactIdentity, b: InputRecord): boolean {
  return (
    a.experiment === b.experiment &&
    a.replicate === b.replicate &&
    a.condition === b.condition &&
    a.step === b.step &&
    a.name === b.name
  );
}

/** By their bytes; by the version where nothing is known of these, as of runs of the Python original. */
function isSameContent(a: ArtifactIdentity, b: InputRecord): boolean {
  if (a.sha256 !== undefined && b.sha256 !== undefined) return a.sha256 === b.sha256;
  return a.version === b.version;
}

/** So that what was accepted is told from what changes again later. */
function contents(before: ArtifactIdentity, now: ArtifactIdentity): string {
  if (before.sha256 === undefined || now.sha256 === undefined) return '';
  return ` (sha256 ${before.sha256.slice(0, 12)}…, now ${now.sha256.slice(0, 12)}…)`;
}

function placeOf({ experiment, replicate, condition, name }: ArtifactIdentity): string {
  return `'${name}' of '${experiment}' (replicate ${replicate} of '${condition}')`;
}
