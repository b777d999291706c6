import { createHash } from 'node:crypto';
import { StorageError } from '@crystallize/core';
import { artifactKey, isPruned, nameKey } from '@crystallize/core/storage';
import type { CheckedRecords } from './check-records.ts';
import type { VerifyProgress } from './verification.ts';
import type { VersionView } from './version-view.ts';

/** A recorded artifact. */
interface Recorded {
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
  readonly session: number;
}

/** Reads every recorded artifact and compares it with its size and sha256. */
export async function checkArtifacts(
  view: VersionView,
  { logs, pruning }: CheckedRecords,
  progress: (more: VerifyProgress) => void,
): Promise<void> {
  const recorded: Recorded[] = logs.cells.flatMap(({ record, session }) =>
    record.artifacts.map(({ step, name, size, sha256 }) => {
      const place = { replicate: record.replicate, condition: record.condition, step, name };
      return { key: artifactKey(view.directory, view.version, place), size, sha256, session };
    }),
  );
  const owners = new Map(recorded.map(({ sha256, key }) => [sha256, key]));
  const spellings = new Map([...view.files.objects.keys()].map((key) => [nameKey(key), key]));
  for (const artifact of recorded) {
    const { key, size, session } = artifact;
    const entry = view.expect(key);
    if (view.isFile(key, entry)) await compare(view, artifact, owners, progress);
    else if (!entry && !view.isFolder(key) && !view.isHidden(key) && !isPruned(pruning, size, session))
      reportMissing(view, key, size, spellings.get(nameKey(key)));
  }
}

function reportMissing(view: VersionView, key: string, size: number, other: string | undefined): void {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const beside =
    other === undefined
      ? ''
      : ` There is '${other.slice(other.lastIndexOf('/') + 1)}' in place of '${name}'.`;
  view.findings.fault(
    'missing',
    key,
    `The artifact is not there; it had ${size} bytes, and retention has not removed it.${beside} Restore it from a copy, or run that cell again.`,
  );
}

async function compare(
  view: VersionView,
  { key, size, sha256 }: Recorded,
  owners: ReadonlyMap<string, string>,
  progress: (more: VerifyProgress) => void,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of view.store.stream(key)) {
      bytes += piece.length;
      hash.update(piece);
    }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const kind = error.code === 'OBJECT_MISSING' ? 'missing' : 'unreadable';
    view.findings.fault(kind, key, error.message);
    return;
  }
  progress({ artifacts: 1, bytes });
  const found = hash.digest('hex');
  if (bytes === size && found === sha256) return;
  const advice = 'Restore it from a copy, or run that cell again.';
  if (bytes < size) {
    const message = `The artifact has ${bytes} of ${size} bytes. ${advice}`;
    view.findings.fault('cut-short', key, message);
    return;
  }
  const owner = owners.get(found);
  const whose = owner === undefined ? '' : ` Those are the bytes of ${view.findings.pathOf(owner)}.`;
  view.findings.fault(
    'altered',
    key,
    `The artifact had ${size} bytes with the sha256 ${sha256}, and has ${bytes} with ${found}.${whose} ${advice}`,
  );
}
