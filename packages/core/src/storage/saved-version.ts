import type { ArtifactFile } from '../artifact/artifact-file.ts';
import { UpstreamFailedError } from '../errors/run-errors.ts';
import type { ArtifactIdentity, ArtifactRecord, CellRecord } from '../plugin/records.ts';
import { explainedArtifact } from './explained-artifact.ts';
import {
  type ArtifactPlace,
  artifactKey,
  cellFolder,
  manifestKey,
  metadataKey,
  pruningKey,
  resultsKey,
  versionFolder,
} from './layout.ts';
import { listArtifactPlaces, listConditions } from './listed-run.ts';
import { parseManifest } from './manifest-file.ts';
import { parseMetadata } from './metadata-file.ts';
import { assertName } from './names.ts';
import { artifactNotFound } from './not-found.ts';
import { isPruned, type Pruning, parsePruning, prunedOn } from './pruning.ts';
import { canHold, holdVersion } from './reader-hold.ts';
import { metricsOf, parseResults } from './results-file.ts';
import type { RunMetadata, SavedArtifactTarget, SavedVersion } from './saved-run.ts';
import type { ReadableStore } from './store.ts';
import { storedArtifact } from './stored-artifact.ts';
import { cellKey, loadRecords, type Records } from './version-records.ts';

/** One version in a store: of ours where there are logs of its cells, else of the Python original. */
export function savedVersion(
  store: ReadableStore,
  directory: string,
  version: number,
  finished: boolean,
): SavedVersion {
  return new StoredVersion(store, directory, version, finished);
}

/** An artifact with what is known of its bytes. */
type KnownArtifact = ArtifactPlace & Partial<Pick<ArtifactRecord, 'size' | 'sha256'>>;

class StoredVersion implements SavedVersion {
  readonly experiment: string;
  readonly version: number;
  declare readonly dir?: string;
  readonly finished: boolean;
  declare readonly hold?: () => Promise<AsyncDisposable>;
  readonly #store: ReadableStore;
  #records: Promise<Records | undefined> | undefined;

  constructor(store: ReadableStore, directory: string, version: number, finished: boolean) {
    this.#store = store;
    this.experiment = directory;
    this.version = version;
    this.finished = finished;
    const dir = store.localPath?.(versionFolder(directory, version));
    if (dir !== undefined) this.dir = dir;
    if (canHold(store)) {
      this.hold = async () => {
        // Retention leaves alone what has no records; nothing is to be written beside it.
        if (!(await this.#load())) return { [Symbol.asyncDispose]: async () => {} };
        return holdVersion(store, directory, version);
      };
    }
  }

  metadata(): Promise<RunMetadata | undefined> {
    return this.#parsed(metadataKey(this.experiment, this.version), parseMetadata);
  }

  async conditions(): Promise<readonly string[]> {
    const records = await this.#load();
    if (records) return records.logs.conditions;
    return listConditions(this.#store, versionFolder(this.experiment, this.version));
  }

  async metrics(condition: string): Promise<Readonly<Record<string, readonly unknown[]>>> {
    const records = await this.#load();
    if (records && !records.adopted.has(condition)) return metricsOf(records.cells.values(), condition);
    const results = await this.#parsed(resultsKey(this.experiment, this.version, condition), parseResults);
    return results?.metrics ?? {};
  }

  async cells(): Promise<readonly CellRecord[]> {
    return [...((await this.#load())?.cells.values() ?? [])];
  }

  async artifacts(): Promise<readonly ArtifactFile[]> {
    return (await this.#places()).map((place) => this.#file(place));
  }

  async artifact(target: SavedArtifactTarget): Promise<ArtifactFile> {
    const found = await this.#find(target);
    if ((await this.#store.size(this.#keyOf(found))) === undefined) throw await this.#missing(found);
    return this.#file(found);
  }

  async identify(target: SavedArtifactTarget): Promise<ArtifactIdentity> {
    const found = await this.#find(target);
    const { replicate, condition, step, name, size, sha256 } = found;
    const place = { experiment: this.experiment, version: this.version, replicate, condition, step, name };
    if (size !== undefined && sha256 !== undefined) return { ...place, size, sha256 };
    // Without a record, only the file can tell that it was written.
    if ((await this.#store.size(this.#keyOf(found))) === undefined) throw await this.#missing(found);
    return place;
  }

  pruned(): Promise<Pruning | undefined> {
    return this.#parsed(pruningKey(this.experiment, this.version), parsePruning);
  }

  async #find(target: SavedArtifactTarget): Promise<KnownArtifact> {
    assertName('condition', target.condition);
    if (target.step !== undefined) assertName('step', target.step);
    assertName('artifact', target.name);
    const records = await this.#load();
    return records && !records.adopted.has(target.condition)
      ? this.#recorded(records, target)
      : this.#listed(target);
  }

  async #missing(place: KnownArtifact): Promise<Error> {
    const { size, sha256 } = place;
    if (size === undefined || sha256 === undefined) return this.#notFound(place);
    const pruning = await this.pruned();
    const what = `It had ${size} bytes and the sha256 ${sha256}; its file was`;
    return this.#notFound(
      place,
      pruning && isPruned(pruning, size)
        ? `${what} pruned on ${prunedOn(pruning)}, as retention asks for. Run that version's experiment again to have it again.`
        : `${what} removed by something other than Crystallize's retention. Restore it from a copy, or run that cell again.`,
    );
  }

  async #recorded({ cells }: Records, target: SavedArtifactTarget): Promise<KnownArtifact> {
    const cell = cells.get(cellKey(target));
    if (cell?.status === 'failed') {
      const where = { experiment: this.experiment, replicate: cell.replicate, condition: cell.condition };
      throw new UpstreamFailedError(
        where,
        `in '${cell.failedStep ?? 'a step'}': ${cell.error?.message ?? 'no reason was recorded'}`,
      );
    }
    const matches = ({ name, step }: ArtifactRecord) =>
      name === target.name && step === (target.step ?? step);
    const record = cell?.artifacts.findLast(matches);
    if (cell && record) return { ...record, replicate: cell.replicate, condition: cell.condition };
    throw await this.#notFound(
      target,
      cell ? 'That cell is done and did not write it.' : 'That cell has not run to its end.',
    );
  }

  async #listed(target: SavedArtifactTarget): Promise<KnownArtifact> {
    if (target.step !== undefined) return { ...target, step: target.step };
    const manifest = await this.#parsed(manifestKey(this.experiment, this.version), parseManifest);
    const step = manifest && Object.hasOwn(manifest, target.name) ? manifest[target.name] : undefined;
    if (step !== undefined) return { ...target, step };
    throw await this.#notFound(target, '_manifest.json does not name the step that wrote it.');
  }

  async #notFound(target: SavedArtifactTarget, reason?: string): Promise<Error> {
    return artifactNotFound(target, {
      run: `${this.experiment} v${this.version}`,
      // Without a step there is no telling the file's own place.
      path: this.#pathOf(
        target.step === undefined
          ? cellFolder(this.experiment, this.version, target)
          : this.#keyOf({ ...target, step: target.step }),
      ),
      reason,
      existing: await this.#places(),
    });
  }

  /** Every artifact, by replicate, condition, step and name. */
  async #places(): Promise<readonly KnownArtifact[]> {
    const records = await this.#load();
    const listed = records && records.adopted.size === 0 ? [] : await this.#listAll(records?.adopted);
    const recorded = [...(records?.cells.values() ?? [])].flatMap((cell) =>
      cell.artifacts.map((record) => ({ ...record, replicate: cell.replicate, condition: cell.condition })),
    );
    const conditions = orderOf(records?.logs.conditions ?? ['baseline']);
    const steps = orderOf(records?.logs.sessions.at(-1)?.experiment.steps ?? []);
    return [...recorded, ...listed].sort(
      (a, b) =>
        a.replicate - b.replicate ||
        conditions(a.condition) - conditions(b.condition) ||
        compare(a.condition, b.condition) ||
        steps(a.step) - steps(b.step) ||
        compare(a.step, b.step) ||
        compare(a.name, b.name),
    );
  }

  async #listAll(adopted: ReadonlySet<string> | undefined): Promise<readonly KnownArtifact[]> {
    const places = await listArtifactPlaces(this.#store, versionFolder(this.experiment, this.version));
    return adopted ? places.filter((place) => adopted.has(place.condition)) : places;
  }

  #file(place: KnownArtifact): ArtifactFile {
    const identity = { ...place, experiment: this.experiment, version: this.version };
    const file = storedArtifact(this.#store, this.#keyOf(place), identity);
    return place.sha256 === undefined ? file : explainedArtifact(file, () => this.#missing(place));
  }

  #keyOf(place: ArtifactPlace): string {
    return artifactKey(this.experiment, this.version, place);
  }

  #pathOf(key: string): string {
    return this.#store.localPath?.(key) ?? `${key} in ${this.#store.location}`;
  }

  async #parsed<T>(key: string, parse: (bytes: Uint8Array, where: string) => T): Promise<T | undefined> {
    const bytes = await this.#store.get(key);
    return bytes && parse(bytes, this.#pathOf(key));
  }

  #load(): Promise<Records | undefined> {
    this.#records ??= loadRecords(this.#store, this.experiment, this.version).catch((error: unknown) => {
      // What could not be read once may be readable later.
      this.#records = undefined;
      throw error;
    });
    return this.#records;
  }
}

function orderOf(names: readonly string[]): (name: string) => number {
  const order = new Map(names.map((name, index) => [name, index]));
  return (name) => order.get(name) ?? names.length;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
