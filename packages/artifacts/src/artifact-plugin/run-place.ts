import type { ArtifactTarget } from '@crystallize/core';
import {
  type ArtifactStore,
  artifactKey,
  asideFolder,
  type CellPlace,
  cellFolder,
  claimKey,
  parseClaim,
} from '@crystallize/core/storage';
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
    return this.#waitingKey(target);
  }

  /** Everywhere that an attempt at the cell, in whichever process, may have left it. */
  keysOf(target: ArtifactTarget): readonly string[] {
    const { directory, version, replaces } = this.address;
    const key = artifactKey(directory, version, target);
    return replaces ? [key, this.#waitingKey(target)] : [key];
  }

  /** A new attempt at a cell, or its commit: its files need not wait any more. */
  forget(cell: CellPlace): void {
    if (this.#waiting.size > 0) this.#waiting.delete(cellId(cell));
  }

  /** The folder in which a cell's files belong. */
  folderOf(cell: CellPlace): string {
    return cellFolder(this.address.directory, this.address.version, cell);
  }

  /** The folder in which a cell's files wait. */
  waitingFolder(cell: CellPlace): string {
    const aside = asideFolder(this.address.directory, replacementLabel(this.address.run));
    return `${aside}/waiting/replicate_${cell.replicate}/${cell.condition}`;
  }

  #waitingKey(target: ArtifactTarget): string {
    return `${this.waitingFolder(target)}/${target.step}/${target.name}`;
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
