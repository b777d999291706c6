import type { ArtifactTarget, CellRecord } from '@crystallize/core';
import {
  type ArtifactStore,
  artifactKey,
  asideFolder,
  type CellPlace,
  cellFolder,
  claimKey,
  parseClaim,
} from '@crystallize/core/storage';
import { isStored } from './is-stored.ts';
import { moveToFree } from './move-folder.ts';
import { replacementLabel } from './replacement-label.ts';

/** Where one run is kept. Plain data, so that a worker can be told. */
export interface RunAddress {
  /** `RunHandle.id`. */
  readonly run: string;
  /** Folder of the experiment. */
  readonly directory: string;
  readonly version: number;
  /** Whether the version holds an older run until the first cell of this one is committed. */
  readonly replaces: boolean;
}

/**
 * Says where the artifacts of a run go. Those of cells that begin while an older run is still in
 * place wait aside, and are moved to their place when their cell is committed.
 */
export class RunPlace {
  readonly address: RunAddress;
  readonly #store: ArtifactStore;
  readonly #waiting = new Set<string>();
  #taken: boolean;

  constructor(store: ArtifactStore, address: RunAddress) {
    this.#store = store;
    this.address = address;
    this.#taken = !address.replaces;
  }

  /** The version's folders are this run's own from now on. */
  markTaken(): void {
    this.#taken = true;
  }

  /** Where to write. An attempt at a cell keeps to the one folder that its first write got. */
  async keyToWrite(target: ArtifactTarget): Promise<string> {
    if (!this.#taken && !this.#waiting.has(cellId(target))) {
      if (!(await this.#isTaken())) this.#waiting.add(cellId(target));
    }
    return this.keyToRead(target);
  }

  /** Where what was written in this process lies now. */
  keyToRead(target: ArtifactTarget): string {
    const { directory, version } = this.address;
    if (!this.#waiting.has(cellId(target))) return artifactKey(directory, version, target);
    return `${this.waitingFolder(target)}/${target.step}/${target.name}`;
  }

  /** A new attempt at a cell, or its commit: its files need not wait any more. */
  forget(cell: CellPlace): void {
    if (this.#waiting.size > 0) this.#waiting.delete(cellId(cell));
  }

  /**
   * Brings the files of a cell that had to wait to their place.
   *
   * @param confirm - Called right before what lies there is removed; throws when the version is another run's by now.
   */
  async bringHome(record: CellRecord, confirm: () => Promise<void>): Promise<void> {
    const from = this.waitingFolder(record);
    if ((await this.#store.children(from)).length > 0 && !(await this.#isHome(record))) {
      const { directory, version } = this.address;
      await moveToFree(this.#store, from, cellFolder(directory, version, record), confirm);
    }
    this.forget(record);
  }

  /** The folder in which a cell's files wait. */
  waitingFolder(cell: CellPlace): string {
    const aside = asideFolder(this.address.directory, replacementLabel(this.address.run));
    return `${aside}/waiting/replicate_${cell.replicate}/${cell.condition}`;
  }

  /**
   * Whether what the record tells of lies in place: a later attempt wrote it there, and what the earlier one
   * left aside is not wanted. Other files there are of a process that has lost the lock and does not know it yet.
   */
  async #isHome(record: CellRecord): Promise<boolean> {
    const { directory, version } = this.address;
    for (const artifact of record.artifacts) {
      const key = artifactKey(directory, version, { ...record, ...artifact });
      if (!(await isStored(this.#store, key, artifact))) return false;
    }
    return true;
  }

  async #isTaken(): Promise<boolean> {
    if (this.#taken) return true;
    // In a worker nothing tells of the first commit but the store: its claim is this run's from then on.
    const key = claimKey(this.address.directory, this.address.version);
    const claim = await this.#store.get(key);
    if (claim && parseClaim(claim, key).run === this.address.run) this.#taken = true;
    return this.#taken;
  }
}

/** A cell as one string. */
export function cellId(cell: CellPlace): string {
  return `${cell.replicate}/${cell.condition}`;
}
