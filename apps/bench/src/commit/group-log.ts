import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const fdatasyncLater = promisify(fdatasync);

/**
 * The least that a log of acknowledged lines takes: what is appended while a group is being written
 * makes up the next, which is written, and synced, at once. The sync is that of a thread, since a
 * program whose cells do anything can't stand still meanwhile.
 */
export class GroupLog {
  readonly #fd: number;
  readonly #durable: boolean;
  #lines: string[] = [];
  #running: Promise<void> | undefined;
  #next: PromiseWithResolvers<void> = Promise.withResolvers();

  /** @param path - A file that is not there yet. */
  constructor(path: string, durable: boolean) {
    this.#fd = openSync(path, 'ax');
    this.#durable = durable;
  }

  /** Resolves when the line, with a newline at its end, is as safe as was asked for. */
  append(line: string): Promise<void> {
    this.#lines.push(line);
    const { promise } = this.#next;
    this.#running ??= this.#run();
    return promise;
  }

  close(): void {
    closeSync(this.#fd);
  }

  async #run(): Promise<void> {
    // The other lanes of this moment belong to the same group.
    await undefined;
    while (this.#lines.length > 0) {
      const [lines, written] = [this.#lines, this.#next];
      this.#lines = [];
      this.#next = Promise.withResolvers();
      writeSync(this.#fd, lines.join(''));
      if (this.#durable) await fdatasyncLater(this.#fd);
      written.resolve();
    }
    this.#running = undefined;
  }
}
