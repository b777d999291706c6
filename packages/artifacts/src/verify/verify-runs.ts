import { ArtifactNotFoundError, CrystallizeError } from '@crystallize/core';
import {
  assertName,
  checkName,
  listVersions,
  privateFolder,
  type ReadableStore,
  recordsFolder,
} from '@crystallize/core/storage';
import { checkExperimentFolder, checkRootLinks } from './check-folders.ts';
import { checkPrivateFolder } from './check-unlisted.ts';
import { Findings } from './findings.ts';
import type { Fault, Verification, VerifyOptions, VerifyProgress } from './verification.ts';
import { verifyVersion } from './verify-version.ts';

/**
 * Compares all that is stored with what was recorded. Changes nothing.
 * @throws ArtifactNotFoundError when the experiment or the version that was asked for is not there.
 * @throws StorageError when the place can't be read.
 */
export async function verifyRuns(store: ReadableStore, options: VerifyOptions = {}): Promise<Verification> {
  const { experiment: wanted, version: number, onProgress } = options;
  if (wanted !== undefined) assertName('experiment', wanted);
  const done = { artifacts: 0, bytes: 0 };
  const faults: Fault[] = [];
  const notes: string[] = [];
  let experiments = 0;
  let versions = 0;
  const progress = ({ artifacts, bytes }: VerifyProgress): void => {
    done.artifacts += artifacts;
    done.bytes += bytes;
    onProgress?.({ ...done });
  };
  const take = (findings: Findings): void => {
    faults.push(...findings.faults);
    notes.push(...findings.notes);
  };
  const folders = wanted === undefined ? await foldersOf(store) : [wanted];
  if (wanted === undefined) for (const findings of checkRootLinks(store, folders)) take(findings);
  for (const directory of folders) {
    const findings = new Findings(store, directory);
    try {
      const all = await listVersions(store, directory);
      const chosen = number === undefined ? all : all.filter((version) => version === number);
      if (chosen.length === 0) continue;
      experiments += 1;
      versions += chosen.length;
      for (const version of chosen) {
        take(await verifyOrTell(store, directory, version, progress));
      }
      if (number === undefined) {
        await checkPrivateFolder(store, directory, findings);
        await checkExperimentFolder(store, directory, all, findings);
      }
    } catch (error) {
      if (!(error instanceof CrystallizeError)) throw error;
      findings.fault('unreadable', privateFolder(directory), error.message);
    }
    take(findings);
  }
  if (versions === 0 && faults.length === 0 && (wanted !== undefined || number !== undefined)) {
    const what = [
      ...(number === undefined ? [] : [`no version ${number}`]),
      ...(wanted === undefined
        ? []
        : [`${number === undefined ? 'no run ' : ''}of the experiment '${wanted}'`]),
    ].join(' ');
    throw new ArtifactNotFoundError(`There is ${what} in ${store.location}.`);
  }
  return { location: store.location, experiments, versions, ...done, faults, notes };
}

/** One version that can't be read hides nothing of the others. */
async function verifyOrTell(
  store: ReadableStore,
  directory: string,
  version: number,
  progress: (more: VerifyProgress) => void,
): Promise<Findings> {
  try {
    return await verifyVersion(store, directory, version, progress);
  } catch (error) {
    if (!(error instanceof CrystallizeError)) throw error;
    const findings = new Findings(store, directory, version);
    findings.fault('unreadable', recordsFolder(directory, version), error.message);
    return findings;
  }
}

async function foldersOf(store: ReadableStore): Promise<readonly string[]> {
  return (await store.children(''))
    .filter(({ name, kind }) => kind === 'folder' && checkName('experiment', name) === undefined)
    .map(({ name }) => name);
}
