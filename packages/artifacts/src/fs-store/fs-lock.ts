import {
  type FileSystem,
  RunLockedError,
  StorageError,
  type StoreLock,
  systemError,
} from '@crystallize/core/storage';
import { acquireLock } from './acquire-lock.ts';
import { isHeldBy, removeLock } from './lock-file.ts';
import { giveSign, type LockTools, type TakenLock } from './owner-file.ts';

const watchInterval = 1000;
const signsPerLease = 6;
const longestTimer = 2 ** 31 - 1;

/**
 * Takes a lock in a file, and gives signs of life as long as it is held.
 *
 * @param path - In a folder that exists.
 * @throws RunLockedError when another owner holds it, or may.
 */
export async function takeFileLock(tools: LockTools, path: string): Promise<StoreLock> {
  return new FsLock(tools, path, await acquireLock(tools, path));
}

/** Whether the lock in that file is held by the holding with that token. @throws StorageError when it can't be read. */
export function holdsFileLock(fs: FileSystem, path: string, token: string): boolean {
  try {
    return isHeldBy(fs, path, token);
  } catch (error) {
    // Something wrote into it that names no owner.
    if (error instanceof RunLockedError) return false;
    throw error;
  }
}

class FsLock implements StoreLock {
  readonly lost: Promise<never>;
  readonly token: string;
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #lease: number;
  readonly #taken: TakenLock;
  readonly #reject: (error: StorageError) => void;
  readonly #timers: readonly NodeJS.Timeout[];
  #lastSign = performance.now();
  /** Released or lost. */
  #isOver = false;

  constructor({ fs, lease }: LockTools, path: string, taken: TakenLock) {
    this.#fs = fs;
    this.#path = path;
    this.#lease = lease;
    this.#taken = taken;
    this.token = taken.token;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    this.#reject = reject;
    // Whoever does not ask for it is not to be stopped by it.
    promise.catch(() => {});
    const interval = Math.min(lease / signsPerLease, longestTimer);
    this.#timers = [
      setInterval(() => this.#watch(), Math.min(watchInterval, interval)),
      ...(taken.givesSigns ? [setInterval(() => this.#giveSign(), interval)] : []),
    ];
    // A lock is no reason for a process to live.
    for (const timer of this.#timers) timer.unref();
  }

  async isHeld(): Promise<boolean> {
    if (this.#isOver) return false;
    const isOurs = this.#isOurs();
    if (!isOurs) this.#lose(this.#wasTaken());
    return isOurs;
  }

  async release(): Promise<void> {
    this.#end();
    if (this.#isOurs()) removeLock(this.#fs, this.#path);
  }

  #isOurs(): boolean {
    return holdsFileLock(this.#fs, this.#path, this.token);
  }

  #watch(): void {
    try {
      if (!this.#isOurs()) this.#lose(this.#wasTaken());
    } catch {
      // It can't be read just now; that is no proof that it is lost.
    }
  }

  #giveSign(): void {
    try {
      giveSign(this.#fs, this.#taken.fd);
      this.#lastSign = performance.now();
    } catch (cause) {
      if (performance.now() - this.#lastSign < this.#lease) return;
      // From other machines it looks dead by now.
      this.#lose(systemError('give signs of life by the lock', this.#path, cause));
    }
  }

  #wasTaken(): StorageError {
    return new StorageError(
      `The lock ${this.#path} was taken away from this process. Something removed or replaced the file: another process, if this one gave no sign of life for ${this.#lease} ms.`,
    );
  }

  #lose(error: StorageError): void {
    this.#reject(error);
    try {
      this.#end();
    } catch {
      // The file could not be closed; that it is lost is what matters.
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#timers) clearInterval(timer);
    try {
      this.#fs.close(this.#taken.fd);
    } catch (cause) {
      throw systemError('release the lock', this.#path, cause);
    }
  }
}
