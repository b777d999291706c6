import { type ReadableStore, recordsFolder, StorageError, versionFolder } from '@crystallize/core/storage';
import { type Entries, type Entry, entriesIn } from './entries.ts';
import type { Findings } from './findings.ts';

/** One version as it lies in its store. */
export class VersionView {
  readonly store: ReadableStore;
  readonly directory: string;
  readonly version: number;
  readonly findings: Findings;
  /** What lies where its files are, and where its records are. */
  readonly files: Entries;
  readonly records: Entries;
  /** Keys that a record or the layout names. */
  readonly #expected = new Set<string>();

  constructor(
    place: { readonly store: ReadableStore; readonly directory: string; readonly version: number },
    findings: Findings,
    files: Entries,
    records: Entries,
  ) {
    this.store = place.store;
    this.directory = place.directory;
    this.version = place.version;
    this.findings = findings;
    this.files = files;
    this.records = records;
  }

  static async open(
    store: ReadableStore,
    directory: string,
    version: number,
    findings: Findings,
  ): Promise<VersionView> {
    const files = await entriesIn(store, versionFolder(directory, version));
    const records = await entriesIn(store, recordsFolder(directory, version));
    for (const [key, message] of [...files.unreadable, ...records.unreadable])
      findings.fault('unreadable', key, message);
    return new VersionView({ store, directory, version }, findings, files, records);
  }

  /** What lies under a key. It is accounted for, whatever it is. */
  expect(key: string): Entry | undefined {
    this.#expected.add(key);
    return this.entry(key);
  }

  entry(key: string): Entry | undefined {
    return this.files.objects.get(key) ?? this.records.objects.get(key);
  }

  isFolder(key: string): boolean {
    return this.files.folders.has(key) || this.records.folders.has(key);
  }

  /** Whether a folder above could not be read, which was reported: nobody knows what is there. */
  isHidden(key: string): boolean {
    const { files, records } = this;
    return [...files.unreadable.keys(), ...records.unreadable.keys()].some((folder) =>
      `${key}/`.startsWith(`${folder}/`),
    );
  }

  isExpected(key: string): boolean {
    return this.#expected.has(key);
  }

  /**
   * The bytes of a file; `undefined`, with the fault reported, when something else is there or it can't
   * be read. A file that is not there is `missing`, which is for the caller to judge.
   */
  async read(key: string): Promise<Uint8Array | 'missing' | undefined> {
    const entry = this.expect(key);
    if (!this.isFile(key, entry))
      return entry || this.isFolder(key) || this.isHidden(key) ? undefined : 'missing';
    try {
      return (await this.store.get(key)) ?? 'missing';
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.findings.fault('unreadable', key, error.message);
      return undefined;
    }
  }

  /** Whether a file is there; what is there in its place is reported. */
  isFile(key: string, entry: Entry | undefined): boolean {
    if (entry?.kind === 'file') return true;
    if (entry?.kind === 'link')
      this.findings.fault('altered', key, 'It is a symbolic link, and a file was written. Restore the file.');
    else if (entry)
      this.findings.fault('altered', key, 'It is neither a file nor a folder, and a file was written.');
    else if (this.isFolder(key))
      this.findings.fault('altered', key, 'It is a folder, and a file was written. Restore the file.');
    return false;
  }
}
