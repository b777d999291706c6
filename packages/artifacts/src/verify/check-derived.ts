import { isDeepStrictEqual } from 'node:util';
import { RecordUnreadableError } from '@crystallize/core';
import {
  type CellLogs,
  completeKey,
  deriveManifest,
  encodeManifest,
  encodeResults,
  manifestKey,
  parseManifest,
  parseResults,
  plainResults,
  type ResultsFile,
  resultsKey,
} from '@crystallize/core/storage';
import type { CheckedRecords } from './check-records.ts';
import type { VersionView } from './version-view.ts';

/**
 * Compares results, markers and manifest with the records that they are derived from.
 *
 * @param isOpen - Whether the newest session may have stopped anywhere: then what was derived before
 * need not be up to date, and what was not yet derived may be missing.
 */
export async function checkDerived(
  view: VersionView,
  records: CheckedRecords,
  isOpen: boolean,
): Promise<void> {
  const { logs, ends } = records;
  const adopted = new Set(logs.sessions.flatMap((session) => session.adopted ?? []));
  for (const condition of logs.conditions) {
    const asking = logs.sessions.filter((session) => session.conditions.includes(condition));
    const end = ends.get(asking.at(-1)?.session ?? -1);
    const counts = asking.map(({ replicates }) => replicates);
    const done = logs.cells.filter(
      ({ record }) => record.condition === condition && record.status === 'done',
    ).length;
    const isComplete = done >= Math.max(...counts);
    // An aborted session derives only what is complete, and leaves the rest as it was.
    const isUpToDate = !isOpen && end !== undefined && (end.status !== 'aborted' || isComplete);
    await checkMarker(view, condition, { done, least: Math.min(...counts), isDue: isUpToDate && isComplete });
    await checkResults(view, logs, condition, { isUpToDate, isOwn: !adopted.has(condition) });
  }
  const newest = ends.get(logs.sessions.at(-1)?.session ?? -1);
  const isDue = !isOpen && newest !== undefined && newest.status !== 'aborted';
  await checkManifest(view, logs, { isDue, isUpToDate: !isOpen && newest !== undefined });
}

async function checkMarker(
  view: VersionView,
  condition: string,
  { done, least, isDue }: { readonly done: number; readonly least: number; readonly isDue: boolean },
): Promise<void> {
  const key = completeKey(view.directory, view.version, condition);
  const marker = await view.read(key);
  if (marker === undefined) return;
  if (marker === 'missing') {
    if (isDue)
      view.findings.fault(
        'missing',
        key,
        `Every cell of '${condition}' is done, and its marker is not there.`,
      );
  } else if (done < least) {
    view.findings.fault(
      'inconsistent',
      key,
      `'${condition}' is marked complete, and ${done} of ${least} cells are done.`,
    );
  } else if (marker.length > 0) {
    view.findings.fault('altered', key, `The marker has ${marker.length} bytes; a run leaves it empty.`);
  }
}

async function checkResults(
  view: VersionView,
  logs: CellLogs,
  condition: string,
  { isUpToDate, isOwn }: { readonly isUpToDate: boolean; readonly isOwn: boolean },
): Promise<void> {
  const key = resultsKey(view.directory, view.version, condition);
  const bytes = await view.read(key);
  if (bytes === undefined) return;
  if (bytes === 'missing') {
    if (isUpToDate) view.findings.fault('missing', key, 'The results are not there. The records have them.');
    return;
  }
  let found: ResultsFile;
  try {
    found = parseResults(bytes, key);
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error;
    view.findings.fault('unreadable', key, error.message);
    return;
  }
  const differing = differingMetrics(logs, condition, found);
  if (differing.length > 0) {
    const names = differing.map((name) => `'${name}'`).join(', ');
    view.findings.report(isUpToDate, 'inconsistent', key, `The values of ${names} are not those recorded.`);
  } else if (isOwn && Buffer.compare(encodeResults(found), bytes) !== 0) {
    view.findings.fault(
      'altered',
      key,
      'The values are those recorded, but the file is not as a run writes it.',
    );
  }
}

/** The metrics whose values are not those of the records; what could not be stored is not compared. */
function differingMetrics(logs: CellLogs, condition: string, found: ResultsFile): readonly string[] {
  const recorded = new Map<string, unknown[]>();
  const unknown = new Set<string>();
  for (const { record, unstorable } of logs.cells) {
    if (record.condition !== condition || record.status !== 'done') continue;
    for (const { metric } of unstorable) unknown.add(metric);
    for (const { metric, value } of record.metrics) {
      const values = recorded.get(metric);
      if (values) values.push(value);
      else recorded.set(metric, [value]);
    }
  }
  const expected = plainResults(Object.fromEntries(recorded)).metrics;
  const names = new Set([...Object.keys(expected), ...Object.keys(found.metrics)]);
  return [...names].filter(
    (name) => !unknown.has(name) && !isDeepStrictEqual(plain(expected, name), plain(found.metrics, name)),
  );
}

/** Python writes bare NaN where we write null. */
function plain(metrics: ResultsFile['metrics'], name: string): unknown {
  return Object.hasOwn(metrics, name) ? JSON.parse(JSON.stringify(metrics[name])) : undefined;
}

async function checkManifest(
  view: VersionView,
  logs: CellLogs,
  { isDue, isUpToDate }: { readonly isDue: boolean; readonly isUpToDate: boolean },
): Promise<void> {
  const key = manifestKey(view.directory, view.version);
  const bytes = await view.read(key);
  if (bytes === undefined) return;
  if (bytes === 'missing') {
    if (isDue)
      view.findings.fault('missing', key, 'The manifest is not there. The records have what it says.');
    return;
  }
  try {
    parseManifest(bytes, key);
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error;
    view.findings.fault('unreadable', key, error.message);
    return;
  }
  const cells = logs.conditions.flatMap((condition) =>
    logs.cells.flatMap(({ record }) => (record.condition === condition ? [record] : [])),
  );
  const isDerived = logs.sessions.some(
    ({ experiment }) => Buffer.compare(encodeManifest(deriveManifest(cells, experiment.steps)), bytes) === 0,
  );
  if (isDerived) return;
  view.findings.report(isUpToDate, 'inconsistent', key, 'The manifest is not what the records say.');
}
