import {
  lockKey,
  parseReplicateName,
  parseVersionName,
  privateFolder,
  type ReadableStore,
  readersFolder,
  supersededRoot,
  versionFolder,
} from '@crystallize/core/storage';
import type { CheckedRecords } from './check-records.ts';
import { entriesIn } from './entries.ts';
import type { Findings } from './findings.ts';
import type { VersionView } from './version-view.ts';

/** Reports every file of a version that no record names. */
export function checkUnlisted(view: VersionView, { logs, ends }: CheckedRecords, isOpen: boolean): void {
  const { directory, version } = view;
  const newest = ends.get(logs.sessions.at(-1)?.session ?? -1);
  const wasStopped = isOpen || newest === undefined || newest.status === 'aborted';
  const recorded = new Set(logs.cells.map(({ record }) => `${record.replicate}/${record.condition}`));
  let underWay = 0;
  for (const key of view.files.objects.keys()) {
    if (view.isExpected(key)) continue;
    const cell = cellOf(key, versionFolder(directory, version));
    // A cell that was under way has written files, and no record of them.
    if (wasStopped && cell !== undefined && !recorded.has(cell)) underWay += 1;
    else reportUnlisted(view.findings, key);
  }
  if (underWay > 0) {
    view.findings.note(
      `${underWay} ${underWay === 1 ? 'file is' : 'files are'} of cells that had not ended when the run stopped, or have not yet. Resuming the run moves them out of the way.`,
    );
  }
  checkUnlistedRecords(view);
}

/** The same for what lies beside the records. */
export function checkUnlistedRecords(view: VersionView): void {
  const { directory, version } = view;
  const folders = [readersFolder(directory, version), supersededRoot(directory, version)];
  const lock = lockKey(directory, version);
  for (const key of view.records.objects.keys()) {
    if (view.isExpected(key) || key === lock || folders.some((folder) => key.startsWith(`${folder}/`)))
      continue;
    reportUnlisted(view.findings, key);
  }
}

/** Reports what lies in an experiment's own folder and is no part of the layout. */
export async function checkPrivateFolder(
  store: ReadableStore,
  directory: string,
  findings: Findings,
): Promise<void> {
  const root = privateFolder(directory);
  const { objects, unreadable } = await entriesIn(store, root);
  for (const [key, message] of unreadable) {
    if (partOf(`${key}/`, root) === undefined) findings.fault('unreadable', key, message);
  }
  for (const key of objects.keys()) {
    if (key !== lockKey(directory) && partOf(key, root) === undefined) reportUnlisted(findings, key);
  }
}

/** What of the layout a key in the private folder belongs to. */
function partOf(key: string, root: string): string | undefined {
  const [name = '', ...rest] = key.slice(root.length + 1).split('/');
  const isKnown = name === 'cache' || name === 'aside' || parseVersionName(name) !== undefined;
  // A file that has the name of one of these folders is none of them.
  return isKnown && rest.length > 0 ? name : undefined;
}

function cellOf(key: string, folder: string): string | undefined {
  const [first = '', condition, ...rest] = key.slice(folder.length + 1).split('/');
  const replicate = parseReplicateName(first);
  return replicate === undefined || rest.length < 2 ? undefined : `${replicate}/${condition}`;
}

function reportUnlisted(findings: Findings, key: string): void {
  findings.fault('unlisted', key, 'No record names this file. If it is not yours, remove it.');
}
