import { RecordUnreadableError } from '@crystallize/core';
import {
  completeKey,
  manifestKey,
  metadataKey,
  parseManifest,
  parseMetadata,
  parseResults,
  type RunMetadata,
  resultsKey,
  savedExperiment,
} from '@crystallize/core/storage';
import type { VersionView } from './version-view.ts';

/** Checks a run of Crystallize for Python, which has no records: its files against each other. */
export async function checkPython(view: VersionView): Promise<void> {
  const { store, directory, version, findings } = view;
  findings.note(
    'it has no records, as runs of Crystallize for Python 0.27: no sha256 of its artifacts exists, so only its JSON files were checked.',
  );
  const metadata = await parsed(view, metadataKey(directory, version), parseMetadata);
  checkName(view, metadata);
  const manifest = await parsed(view, manifestKey(directory, version), parseManifest);
  const saved = (await savedExperiment(store, directory).versions()).find((one) => one.version === version);
  for (const condition of (await saved?.conditions()) ?? []) {
    await checkCondition(view, condition, metadata?.replicates);
  }
  const written = new Set((await saved?.artifacts())?.map(({ step, name }) => `${step}/${name}`));
  for (const [name, step] of Object.entries(manifest ?? {})) {
    if (written.has(`${step}/${name}`)) continue;
    findings.fault(
      'inconsistent',
      manifestKey(directory, version),
      `It says that the step '${step}' has written '${name}', and no cell has that file.`,
    );
  }
}

/** Python keeps a run under the name of its experiment, or the id. */
function checkName({ directory, version, findings }: VersionView, metadata: RunMetadata | undefined): void {
  const names = [metadata?.name, metadata?.id].filter((name) => typeof name === 'string');
  if (names.length === 0 || names.includes(directory)) return;
  findings.fault(
    'inconsistent',
    metadataKey(directory, version),
    `It is of the experiment '${names[0]}', and lies in the folder of '${directory}'. Move it back, or give the folder its old name.`,
  );
}

async function checkCondition(
  view: VersionView,
  condition: string,
  replicates: number | undefined,
): Promise<void> {
  const { directory, version, findings } = view;
  const key = resultsKey(directory, version, condition);
  const results = await parsed(view, key, parseResults);
  const marker = completeKey(directory, version, condition);
  const entry = view.expect(marker);
  if (!view.isFile(marker, entry)) {
    if (replicates !== undefined && !entry && !view.isFolder(marker) && !view.isHidden(marker))
      findings.note(
        `the run has ended, and '${condition}' is not marked complete: cells of it have failed, or the marker is gone.`,
        marker,
      );
    return;
  }
  if (!results) {
    if (!view.entry(key) && !view.isHidden(key))
      findings.fault('inconsistent', marker, `'${condition}' is marked complete, and has no results.json.`);
    return;
  }
  if (replicates === undefined) return;
  const short = Object.entries(results.metrics).filter(([, values]) => values.length < replicates);
  if (short.length === 0) return;
  const list = short.map(([metric, values]) => `'${metric}' has ${values.length}`).join(', ');
  findings.fault(
    'inconsistent',
    marker,
    `'${condition}' is marked complete, and of ${replicates} values the metric ${list}.`,
  );
}

async function parsed<T>(
  view: VersionView,
  key: string,
  parse: (bytes: Uint8Array, where: string) => T,
): Promise<T | undefined> {
  const bytes = await view.read(key);
  if (bytes === undefined || bytes === 'missing') return undefined;
  try {
    return parse(bytes, key);
  } catch (error) {
    if (!(error instanceof RecordUnreadableError)) throw error;
    view.findings.fault('unreadable', key, error.message);
    return undefined;
  }
}
