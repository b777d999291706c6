import { UnsafeNameError } from '@crystallize/core';
import { nameKey, quoteName } from '@crystallize/core/storage';

/** The paths that one attempt at a cell has written to, as file systems see them. */
export class CellPaths {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /**
   * Notes a path, `<step>/<artifact name>`; the same one again is no matter.
   * @throws UnsafeNameError when some file system takes it for another one, or when a file of one
   * artifact would have to be a folder for another.
   */
  add(path: string): void {
    const key = nameKey(path);
    this.#refuse(path, this.#files.get(key), 'are the same name to some file systems');
    this.#refuse(path, this.#folders.get(key), 'would be a file and a folder of one name');
    const folders: string[] = [];
    for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1))
      folders.push(key.slice(0, end));
    for (const folder of folders) {
      this.#refuse(path, this.#files.get(folder), 'would be a file and a folder of one name');
    }
    this.#files.set(key, path);
    for (const folder of folders) this.#folders.set(folder, path);
  }

  #refuse(path: string, other: string | undefined, reason: string): void {
    if (other === undefined || other === path) return;
    throw new UnsafeNameError(
      `The artifacts ${quoteName(other)} and ${quoteName(path)} (step, then name) ${reason}. Rename one of them.`,
    );
  }
}
