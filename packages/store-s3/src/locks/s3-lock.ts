import { hash } from 'node:crypto';
import { StorageError, type StoreLock } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { putRecognisably } from '../bucket/put-once.ts';
import { type Claim, claimKeyOf, claimToBytes, listClaims } from './claims.ts';

const signsPerLease = 6;
const longestTimer = 2 ** 31 - 1;

/** What holds for a key and a token: the claim that counts has it. */
export async function holdsLock(
  bucket: Bucket,
  read: (key: string) => Promise<Uint8Array | undefined>,
  key: string,
  token: string,
): Promise<boolean> {
  const last = (await listClaims(bucket, key)).at(-1);
  const bytes = last && (await read(last.key));
  if (!bytes) return false;
  try {
    const claim = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Claim>;
    return claim.token === token && !claim.released;
  } catch {
    // Something wrote into it that names no owner.
    return false;
  }
}

/** A lock that is held: its claim is written anew as a sign of life, as long as it is the one that counts. */
export class S3Lock implements StoreLock {
  readonly lost: Promise<never>;
  readonly token: string;
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #number: number;
  readonly #claim: Claim;
  readonly #reject: (error: StorageError) => void;
  readonly #timer: NodeJS.Timeout;
  #sign = 0;
  #lastSign = performance.now();
  #signing: Promise<void> | undefined;
  /** Released or lost. */
  #isOver = false;

  /** @param number - That of the claim which this process has made. */
  constructor(bucket: Bucket, key: string, number: number, claim: Claim) {
    this.#bucket = bucket;
    this.#key = key;
    this.#number = number;
    this.#claim = claim;
    this.token = claim.token;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    this.#reject = reject;
    // Whoever does not ask for it is not to be stopped by it.
    promise.catch(() => {});
    const interval = Math.min(claim.lease / signsPerLease, longestTimer);
    this.#timer = setInterval(() => {
      this.#signing ??= this.#giveSign().finally(() => {
        this.#signing = undefined;
      });
    }, interval);
    // A lock is no reason for a process to live.
    this.#timer.unref();
  }

  async isHeld(): Promise<boolean> {
    if (this.#isOver) return false;
    const isOurs = await this.#isOurs();
    // Released while it was asked for.
    if (this.#isOver) return false;
    if (!isOurs) this.#lose();
    return isOurs;
  }

  async release(): Promise<void> {
    if (this.#isOver) return;
    this.#end();
    // So that it does not land on top of what is written here.
    await this.#signing;
    if (await this.#isOurs()) await this.#write({ released: true });
  }

  /** Numbers are never used twice: as long as it is the highest, it is this claim. */
  async #isOurs(): Promise<boolean> {
    return (await listClaims(this.#bucket, this.#key)).at(-1)?.number === this.#number;
  }

  async #giveSign(): Promise<void> {
    try {
      const isOurs = await this.#isOurs();
      if (this.#isOver) return;
      if (!isOurs) return this.#lose();
      await this.#write({});
      this.#lastSign = performance.now();
    } catch (cause) {
      // From other machines it looks dead by then.
      if (performance.now() - this.#lastSign >= this.#claim.lease) this.#lose(cause);
    }
  }

  async #write(changes: Partial<Claim>): Promise<void> {
    this.#sign += 1;
    const body = claimToBytes({ ...this.#claim, ...changes, sign: this.#sign });
    const request = { body, size: body.length, sha256: hash('sha256', body), ifAbsent: false };
    await putRecognisably(this.#bucket, claimKeyOf(this.#key, this.#number), request);
  }

  #lose(cause?: unknown): void {
    const place = this.#bucket.placeOf(this.#key);
    const what = cause
      ? `This process could give no sign of life by the lock ${place} for ${this.#claim.lease} ms, so that others take it for dead. Resume the run when the store can be reached again.`
      : `The lock ${place} was taken away from this process. Another one has taken over, because this one gave no sign of life for ${this.#claim.lease} ms, or something removed it.`;
    this.#reject(new StorageError(what, { cause }));
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }
}
