import type { ReadableStore } from './store.ts';

/**
 * Where everything of a run lies, as keys of a store. `directory` is the experiment's name, or its
 * id; all names have been checked (see `names.ts`).
 */

/** Which cell of a run. */
export interface CellPlace {
  readonly replicate: number;
  readonly condition: string;
}

/** Which artifact of a run. */
export interface ArtifactPlace extends CellPlace {
  readonly step: string;
  /** May contain `/`. */
  readonly name: string;
}

/** The folder of a version: `<directory>/v<version>`. */
export function versionFolder(directory: string, version: number): string {
  return `${directory}/v${version}`;
}

/** `metadata.json`, there when every cell asked for has ended. */
export function metadataKey(directory: string, version: number): string {
  return `${directory}/v${version}/metadata.json`;
}

/** `_manifest.json`: artifact name to the step that wrote it last. */
export function manifestKey(directory: string, version: number): string {
  return `${directory}/v${version}/_manifest.json`;
}

/** A condition's `results.json`. */
export function resultsKey(directory: string, version: number, condition: string): string {
  return `${directory}/v${version}/${condition}/results.json`;
}

/** The empty file that is there when every cell of the condition is done. */
export function completeKey(directory: string, version: number, condition: string): string {
  return `${directory}/v${version}/${condition}/.crystallize_complete`;
}

/** The folder with the artifacts of one cell. */
export function cellFolder(directory: string, version: number, cell: CellPlace): string {
  return `${directory}/v${version}/replicate_${cell.replicate}/${cell.condition}`;
}

/** The artifact itself. */
export function artifactKey(directory: string, version: number, place: ArtifactPlace): string {
  return `${directory}/v${version}/replicate_${place.replicate}/${place.condition}/${place.step}/${place.name}`;
}

/** The folder with all that is ours of an experiment. */
export function privateFolder(directory: string): string {
  return `${directory}/.crystallize`;
}

/** The folder with our records of one version; it outlives the artifacts. */
export function recordsFolder(directory: string, version: number): string {
  return `${directory}/.crystallize/v${version}`;
}

/** What makes a version number one run's own: put with `ifAbsent`, never removed. See `run-claim.ts`. */
export function claimKey(directory: string, version: number): string {
  return `${directory}/.crystallize/v${version}/run.json`;
}

/** The log of cells of one session: 0 for the run itself, one more for each resume. See `cell-log.ts`. */
export function cellLogKey(directory: string, version: number, session: number): string {
  return `${directory}/.crystallize/v${version}/cells.${session}.log`;
}

/** The lock of the experiment, or of one version of it. */
export function lockKey(directory: string, version?: number): string {
  return version === undefined
    ? `${directory}/.crystallize/lock`
    : `${directory}/.crystallize/v${version}/lock`;
}

/** What retention has decided to remove from a version; put before anything is removed. See `pruning.ts`. */
export function pruningKey(directory: string, version: number): string {
  return `${directory}/.crystallize/v${version}/pruned.json`;
}

/**
 * The folder in which readers keep a version from retention: for each a lock under an id of its own,
 * and an object `<id>.json` by which it is found also where a store does not list its locks.
 */
export function readersFolder(directory: string, version: number): string {
  return `${directory}/.crystallize/v${version}/readers`;
}

/** The folder of all that was superseded in a version; see {@link supersededFolder}. */
export function supersededRoot(directory: string, version: number): string {
  return `${directory}/.crystallize/v${version}/superseded`;
}

/** A folder for what was moved out of the way and may be deleted, under a label that is unique. */
export function asideFolder(directory: string, label: string): string {
  return `${directory}/.crystallize/aside/${label}`;
}

/** Where the files of a cell's superseded record are moved; `session` is the one that supersedes it. */
export function supersededFolder(
  directory: string,
  version: number,
  session: number,
  cell: CellPlace,
): string {
  return `${supersededRoot(directory, version)}/${session}/replicate_${cell.replicate}/${cell.condition}`;
}

/** The number in `v<number>`, in its only spelling; `undefined` for every other name. */
export function parseVersionName(name: string): number | undefined {
  return parseNumbered(name, /^v(0|[1-9][0-9]{0,14})$/);
}

/** The number in `replicate_<number>`, in its only spelling; `undefined` for every other name. */
export function parseReplicateName(name: string): number | undefined {
  return parseNumbered(name, /^replicate_(0|[1-9][0-9]{0,14})$/);
}

/**
 * Every version of which anything is kept, in ascending order. A number that was taken in vain, by a run
 * that could not even store its claim, is none.
 */
export async function listVersions(store: ReadableStore, directory: string): Promise<readonly number[]> {
  const { kept, recorded } = await versionsThere(store, directory);
  const held = await Promise.all(
    recorded.map(async (version) => kept.includes(version) || (await hasRecords(store, directory, version))),
  );
  return ascending([...kept, ...recorded.filter((_, index) => held[index])]);
}

/**
 * The number to claim next: one more than the highest that was ever taken, also in vain, so that none is
 * used again. Two processes can get the same answer; the claim decides between them.
 */
export async function nextVersion(store: ReadableStore, directory: string): Promise<number> {
  const { kept, recorded } = await versionsThere(store, directory);
  return (ascending([...kept, ...recorded]).at(-1) ?? -1) + 1;
}

/** The versions that have a folder of their own, and those that have one for their records. */
async function versionsThere(store: ReadableStore, directory: string) {
  const [kept, recorded] = await Promise.all(
    [directory, privateFolder(directory)].map(async (folder) =>
      (await store.children(folder)).flatMap(({ name, kind }) => {
        const version = kind === 'folder' ? parseVersionName(name) : undefined;
        return version === undefined ? [] : [version];
      }),
    ),
  );
  return { kept: kept ?? [], recorded: recorded ?? [] };
}

async function hasRecords(store: ReadableStore, directory: string, version: number): Promise<boolean> {
  const children = await store.children(recordsFolder(directory, version));
  return children.some(({ name }) => name !== 'lock');
}

function ascending(versions: readonly number[]): readonly number[] {
  return [...new Set(versions)].sort((a, b) => a - b);
}

function parseNumbered(name: string, form: RegExp): number | undefined {
  const digits = form.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
