import { isDeepStrictEqual } from 'node:util';
import { RecordUnreadableError } from '@crystallize/core';
import {
  type CellLogs,
  cellLogKey,
  encodeMetadata,
  metadataKey,
  parseMetadata,
  type RunMetadata,
  type SessionEntry,
} from '@crystallize/core/storage';
import { earlierExtents, extentOf } from '../artifact-plugin/extent.ts';
import type { CheckedRecords } from './check-records.ts';
import type { SessionEnd } from './session-end.ts';
import type { VersionView } from './version-view.ts';

/** Compares `metadata.json` with the records. Returns whether a log has lost its end by being cut short. */
export async function checkMetadata(
  view: VersionView,
  { logs, ends }: CheckedRecords,
  isOpen: boolean,
): Promise<boolean> {
  const key = metadataKey(view.directory, view.version);
  const bytes = await view.read(key);
  if (bytes === undefined) return false;
  const newest = logs.sessions.at(-1);
  const end = newest && ends.get(newest.session);
  if (bytes === 'missing') {
    if (!isOpen && end && end.status !== 'aborted')
      view.findings.fault(
        'missing',
        key,
        'Every cell has ended, and the metadata is not there. If the run was killed in its last moment, resuming it writes them.',
      );
    return false;
  }
  let metadata: RunMetadata;
  try {
    metadata = parseMetadata(bytes, key);
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error;
    view.findings.fault('unreadable', key, error.message);
    return false;
  }
  const writer = logs.sessions.find(({ run }) => run === metadata.run);
  if (!newest || (writer && !ends.has(writer.session))) return reportLostEnd(view, writer?.session ?? 0);
  // A resume that found nothing to do but to write this file has left no session.
  const session = writer ?? newest;
  const wrong = [
    ...differences(metadata, logs, session),
    ...ofSession(metadata, session, ends.get(session.session), writer !== undefined),
  ];
  if (wrong.length > 0) {
    const fields = wrong.map((field) => `'${field}'`).join(', ');
    view.findings.fault('inconsistent', key, `What it says of ${fields} is not what the records say.`);
  } else if (Buffer.compare(encodeMetadata(metadata), bytes) !== 0) {
    view.findings.fault('altered', key, 'It says what is recorded, but the file is not as a run writes it.');
  }
  return false;
}

function reportLostEnd(view: VersionView, session: number): boolean {
  view.findings.fault(
    'cut-short',
    cellLogKey(view.directory, view.version, session),
    'The run has finished, since its metadata.json is there, but the end of this log is not: entries were cut off. Restore it from a copy.',
  );
  return true;
}

function differences(metadata: RunMetadata, logs: CellLogs, session: SessionEntry): readonly string[] {
  const { id, name, description, steps } = session.experiment;
  const { seed, format, retention } = session;
  const records = logs.cells.map(({ record }) => record);
  const { replicates, conditions } = extentOf(session, earlierExtents(logs, session.session), records);
  const expected = { id, name, description, steps, seed, format, retention, conditions, replicates };
  return Object.entries(expected).flatMap(([field, value]) =>
    isDeepStrictEqual(metadata[field], value) ? [] : [field],
  );
}

function ofSession(
  metadata: RunMetadata,
  session: SessionEntry,
  end: SessionEnd | undefined,
  isNamed: boolean,
): readonly string[] {
  const startedAt = new Date(session.startedAt).toISOString();
  if (!isNamed) return metadata.startedAt === startedAt ? ['run'] : [];
  const wrong: string[] = [];
  if (metadata.startedAt !== startedAt) wrong.push('startedAt');
  if (end && metadata.status !== end.status) wrong.push('status');
  if (end && metadata.endedAt !== new Date(end.endedAt).toISOString()) wrong.push('endedAt');
  return wrong;
}
