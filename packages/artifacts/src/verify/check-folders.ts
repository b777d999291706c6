import { dirname } from 'node:path';
import {
  checkName,
  errnoOf,
  type FileKind,
  isMissing,
  nodeFileSystem,
  parseVersionName,
  privateFolder,
  type ReadableStore,
  systemError,
  temporaryPrefix,
} from '@crystallize/core/storage';
import { Findings } from './findings.ts';

/**
 * Reports what lies directly in the folder of an experiment and is none of its versions. Where no run of
 * ours is kept nothing is: the runs of the Python original share their folder with whatever else.
 *
 * @param versions - Those that are checked for themselves.
 */
export async function checkExperimentFolder(
  store: ReadableStore,
  directory: string,
  versions: readonly number[],
  findings: Findings,
): Promise<void> {
  const own = privateFolder(directory);
  if ((await store.children(own)).length === 0) return;
  for (const { name, kind } of await namesIn(store, directory)) {
    if (name.startsWith(temporaryPrefix) || `${directory}/${name}` === own) continue;
    const version = parseVersionName(name);
    if (version !== undefined && (kind === 'folder' || versions.includes(version))) continue;
    const what = kind === 'folder' ? 'folder' : 'file';
    findings.fault(
      'unlisted',
      `${directory}/${name}`,
      `This ${what} is no version of the experiment, and no record names it. If it is not yours, remove it.`,
    );
  }
}

/**
 * Reports links where the folders of experiments lie: runs behind them are not read.
 * @param folders - Those that are checked for themselves.
 */
export function checkRootLinks(store: ReadableStore, folders: readonly string[]): readonly Findings[] {
  const any = store.localPath?.('any');
  if (any === undefined) return [];
  const root = dirname(any);
  const known = new Set(folders);
  return read(root)
    .filter(({ name, kind }) => kind === 'link' && !known.has(name))
    .filter(({ name }) => checkName('experiment', name) === undefined)
    .map(({ name }) => findingsOfLink(store, name, `${root}/${name}`));
}

function findingsOfLink(store: ReadableStore, name: string, path: string): Findings {
  const findings = new Findings(store, name);
  const advice = 'Runs behind it were not verified. Replace the link by the folder that it leads to.';
  try {
    const names = nodeFileSystem.readdir(path).map((entry) => entry.name);
    if (names.some((one) => one === '.crystallize' || parseVersionName(one) !== undefined))
      findings.fault('unreadable', name, `It is a symbolic link to a folder with runs. ${advice}`);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOTDIR') return findings;
    if (isMissing(cause))
      findings.note('it is a symbolic link to nothing; if runs were there, they were not verified.', name);
    else
      findings.fault(
        'unreadable',
        name,
        `It is a symbolic link. ${systemError('list', path, cause).message} ${advice}`,
      );
  }
  return findings;
}

async function namesIn(
  store: ReadableStore,
  folder: string,
): Promise<readonly { readonly name: string; readonly kind: FileKind | 'object' }[]> {
  const path = store.localPath?.(folder);
  return path === undefined ? store.children(folder) : read(path);
}

function read(path: string): ReturnType<typeof nodeFileSystem.readdir> {
  try {
    return nodeFileSystem.readdir(path);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw systemError('list', path, cause);
  }
}
