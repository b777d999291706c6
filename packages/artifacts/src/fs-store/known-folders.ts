import { parentOf } from './parent-of.ts';

/** `true` once a folder and all above it are as safe as promised, until then the promise of it. */
export type FolderState = Promise<void> | true;

/** How many folders are remembered; one that was forgotten costs a few calls to learn again. */
const mostKnown = 16_384;

/** The folders that are there, by key, so that one is forgotten together with all below it, however many others there are. */
export class KnownFolders {
  readonly #states = new Map<string, FolderState>();
  /** By folder: those directly in it that are known, or have known ones below them. */
  readonly #below = new Map<string, Set<string>>();

  get(folder: string): FolderState | undefined {
    return this.#states.get(folder);
  }

  set(folder: string, state: FolderState): void {
    this.#states.set(folder, state);
    if (this.#states.size > mostKnown) this.#shrink();
    else this.#link(folder);
  }

  /** Forgets this one alone. */
  delete(folder: string): void {
    this.#states.delete(folder);
  }

  /** Forgets a folder and all below it. */
  deleteAll(folder: string): void {
    this.#below.get(parentOf(folder))?.delete(folder);
    const pending = [folder];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      this.#states.delete(at);
      for (const child of this.#below.get(at) ?? []) pending.push(child);
      this.#below.delete(at);
    }
  }

  #link(folder: string): void {
    for (let at = folder; at !== ''; at = parentOf(at)) {
      const beside = this.#below.get(parentOf(at));
      if (beside?.has(at)) return;
      if (beside) beside.add(at);
      else this.#below.set(parentOf(at), new Set([at]));
    }
  }

  /** Forgets the oldest half of those that are safe. */
  #shrink(): void {
    for (const [oldest, state] of this.#states) {
      if (state === true) this.#states.delete(oldest);
      if (this.#states.size <= mostKnown / 2) break;
    }
    this.#below.clear();
    for (const folder of this.#states.keys()) this.#link(folder);
  }
}
