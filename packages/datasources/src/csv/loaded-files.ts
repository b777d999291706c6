/** What was made of a file. */
export interface Loaded<T> {
  readonly content: T;
  /** Of the file, in bytes. */
  readonly size: number;
}

/** Files that were read in this run. The last one used is always kept, others while there is room. */
export class LoadedFiles<T> {
  readonly #files: Map<string, { readonly loading: Promise<Loaded<T>>; size: number }> = new Map();
  readonly #room: number;

  /** @param room - Bytes of files that are kept at most, when there are several. */
  constructor(room: number) {
    this.#room = room;
  }

  /** A file's content, loaded at the first call. A failure is not kept, so that a retry can succeed. */
  async get(key: string, load: () => Promise<Loaded<T>>): Promise<T> {
    const file = this.#files.get(key) ?? { loading: load(), size: 0 };
    // Set again, so that the order is that of the last use.
    this.#files.delete(key);
    this.#files.set(key, file);
    try {
      const { content, size } = await file.loading;
      file.size = size;
      this.#makeRoom();
      return content;
    } catch (error) {
      if (this.#files.get(key) === file) this.#files.delete(key);
      throw error;
    }
  }

  #makeRoom(): void {
    let total = 0;
    for (const [i, [key, { size }]] of [...this.#files].reverse().entries()) {
      total += size;
      if (i > 0 && size > 0 && total > this.#room) this.#files.delete(key);
    }
  }
}
