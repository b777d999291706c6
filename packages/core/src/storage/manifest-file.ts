import { RecordUnreadableError } from '../errors/storage-errors.ts';
import type { CellRecord } from '../plugin/records.ts';
import { isRecord, parseFile } from './results-file.ts';
import { damageAdvice } from './run-claim.ts';

/** `_manifest.json`: artifact name to the step that wrote it last. */
export type ManifestFile = Readonly<Record<string, string>>;

/** The `_manifest.json` of a run: for each artifact of a done cell the latest step, by the order of `steps`. */
export function deriveManifest(cells: Iterable<CellRecord>, steps: readonly string[]): ManifestFile {
  const places = new Map(steps.map((step, place) => [step, place]));
  const placeOf = (step: string) => places.get(step) ?? -1;
  const manifest = new Map<string, string>();
  for (const cell of cells) {
    if (cell.status !== 'done') continue;
    for (const { name, step } of cell.artifacts) {
      const known = manifest.get(name);
      if (known === undefined || placeOf(step) >= placeOf(known)) manifest.set(name, step);
    }
  }
  // Sorted, so that the same run gives the same bytes whatever the order of its cells was.
  return Object.fromEntries([...manifest].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The bytes of a manifest. */
export function encodeManifest(manifest: ManifestFile): Uint8Array {
  return Buffer.from(JSON.stringify(manifest));
}

/**
 * Reads a `_manifest.json`.
 * @throws RecordUnreadableError when it is damaged.
 */
export function parseManifest(bytes: Uint8Array, where: string): ManifestFile {
  const manifest = parseFile(bytes, where);
  if (!isRecord(manifest) || !Object.values(manifest).every((step) => typeof step === 'string')) {
    throw new RecordUnreadableError(
      `${where} does not map artifacts to steps, as it should. ${damageAdvice}`,
    );
  }
  return manifest as ManifestFile;
}
