import {
  AppendGroups,
  type FileSystem,
  StorageError,
  type StoreLog,
  systemError,
} from '@crystallize/core/storage';
import { smallBody, writeAll, writeAllAsync } from './publish.ts';

/** A log in a file of its own. */
export class FsLog implements StoreLog {
  readonly #fs: FileSystem;
  readonly #fd: number;
  readonly #path: string;
  readonly #durable: boolean;
  readonly #groups: AppendGroups;
  #closing: Promise<void> | undefined;
  #length = 0;

  /** @param fd - A new, empty file, opened for appending. */
  constructor(fs: FileSystem, fd: number, path: string, durable: boolean) {
    this.#fs = fs;
    this.#fd = fd;
    this.#path = path;
    this.#durable = durable;
    this.#groups = new AppendGroups(path, async (pieces) => {
      try {
        await this.#write(pieces);
      } catch (cause) {
        throw systemError('append to', path, cause);
      }
    });
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#groups.append(bytes);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#groups.close();
    try {
      this.#fs.close(this.#fd);
    } catch (cause) {
      throw systemError('close', this.#path, cause);
    }
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
    if (bytes.length <= smallBody) writeAll(this.#fs, this.#fd, bytes, this.#path);
    else await writeAllAsync(this.#fs, this.#fd, bytes, this.#path);
    this.#length += bytes.length;
    const { size } = this.#fs.fstat(this.#fd);
    if (size !== this.#length) {
      throw new StorageError(
        `Could not append to ${this.#path}: it has ${size} bytes where ${this.#length} were written. Something else writes to it.`,
      );
    }
    if (this.#durable) await this.#fs.fdatasync(this.#fd);
  }
}
