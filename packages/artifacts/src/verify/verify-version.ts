import { CrystallizeError } from '@crystallize/core';
import {
  cellLogKey,
  claimKey,
  metadataKey,
  parseMetadata,
  type ReadableStore,
  recordsFolder,
} from '@crystallize/core/storage';
import { checkArtifacts } from './check-artifacts.ts';
import { checkDerived } from './check-derived.ts';
import { checkMetadata } from './check-metadata.ts';
import { checkPython } from './check-python.ts';
import { checkRecords, logsThere } from './check-records.ts';
import { checkUnlisted, checkUnlistedRecords } from './check-unlisted.ts';
import { Findings } from './findings.ts';
import type { VerifyProgress } from './verification.ts';
import { stateOf, type VersionState } from './version-state.ts';
import { VersionView } from './version-view.ts';

const mostAttempts = 3;

/**
 * Checks one version. What a run that is going on changes meanwhile is looked at again; what then still
 * looks wrong, and need not be, is a note.
 */
export async function verifyVersion(
  store: ReadableStore,
  directory: string,
  version: number,
  progress: (more: VerifyProgress) => void,
): Promise<Findings> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await stampOf(store, directory, version);
    const state = await stateOf(store, directory, version);
    const findings = await check(store, directory, version, state, progress);
    if (findings.faults.length === 0) return findings;
    const isWritten = state.isWritten || (await stateOf(store, directory, version)).isWritten;
    const isSteady = before === (await stampOf(store, directory, version));
    if (!isSteady && attempt < mostAttempts) continue;
    if (isWritten || !isSteady) {
      const lasting = ['altered', 'cut-short', 'unreadable'];
      findings.demote(
        ({ kind }) => isSteady && lasting.includes(kind),
        'a run writes it while it is verified, so that this may be no fault; verify it again afterwards:',
      );
    }
    if (state.isReplaced) {
      findings.demote(
        () => false,
        'a run that was to replace it has stopped half-way, which the next run of the experiment settles:',
      );
    }
    return findings;
  }
}

async function check(
  store: ReadableStore,
  directory: string,
  version: number,
  state: VersionState,
  progress: (more: VerifyProgress) => void,
): Promise<Findings> {
  const findings = new Findings(store, directory, version);
  try {
    const view = await VersionView.open(store, directory, version, findings);
    if (logsThere(view).length === 0) {
      await checkWithoutLogs(view);
      return findings;
    }
    const records = await checkRecords(view);
    if (records) {
      const newest = records.logs.sessions.at(-1);
      const isKilled = state.isLocked || newest === undefined || !records.ends.has(newest.session);
      const isCut = await checkMetadata(view, records, isKilled);
      await checkDerived(view, records, isKilled || isCut);
      await checkArtifacts(view, records, progress);
      if (isCut) {
        findings.note('a log of it was cut short, so files that no record names were not looked for.');
        checkUnlistedRecords(view);
      } else checkUnlisted(view, records, isKilled);
    } else checkUnlistedRecords(view);
  } catch (error) {
    if (!(error instanceof CrystallizeError)) throw error;
    // What was found until then is told all the same.
    findings.fault('unreadable', recordsFolder(directory, version), error.message);
  }
  return findings;
}

/** A run of the Python original, or one of ours whose logs are gone, or were never begun. */
async function checkWithoutLogs(view: VersionView): Promise<void> {
  const { directory, version, findings } = view;
  const log = cellLogKey(directory, version, 0);
  // That the folder can't be read was told: what is in it may be whole.
  if (view.isHidden(log)) return;
  const claim = view.entry(claimKey(directory, version));
  if (!claim && !(await isOurs(view))) return checkPython(view);
  if (claim) view.expect(claimKey(directory, version));
  if (claim && view.files.objects.size === 0 && view.files.unreadable.size === 0) {
    findings.note('a run has taken this number, and was stopped before it recorded anything.');
  } else {
    findings.fault(
      'missing',
      log,
      'The log of cells is not there, so nothing can be compared with it. Restore it from a copy.',
    );
  }
  checkUnlistedRecords(view);
}

/** Python's metadata says nothing of a format. */
async function isOurs(view: VersionView): Promise<boolean> {
  const key = metadataKey(view.directory, view.version);
  const bytes = view.entry(key)?.kind === 'file' ? await view.store.get(key) : undefined;
  try {
    return bytes !== undefined && parseMetadata(bytes, key).format !== undefined;
  } catch {
    // Damaged: which is told where it is checked.
    return false;
  }
}

/** Another one after whatever a run has written. */
async function stampOf(store: ReadableStore, directory: string, version: number): Promise<string> {
  const parts: unknown[] = [await store.size(metadataKey(directory, version)).catch(String)];
  try {
    const claim = await store.get(claimKey(directory, version));
    parts.push(claim && Buffer.from(claim).toString('latin1'));
    for await (const { key, size } of store.list(recordsFolder(directory, version))) parts.push(key, size);
  } catch (error) {
    parts.push(String(error));
  }
  return JSON.stringify(parts);
}
