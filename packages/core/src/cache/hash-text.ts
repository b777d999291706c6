import { createHash, type Hash } from 'node:crypto';

/** Characters that are gathered before they are hashed: a call for each small piece costs more than its hash. */
const GATHERED = 1 << 16;

/** @internal A sha256 of many small pieces. */
export class HashText {
  readonly #hash: Hash = createHash('sha256');
  #waiting = '';

  add(text: string): void {
    this.#waiting += text;
    if (this.#waiting.length > GATHERED) this.#flush();
  }

  addBytes(bytes: Uint8Array): void {
    this.#flush();
    this.#hash.update(bytes);
  }

  /** Lower-case hex. Nothing can be added afterwards. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#waiting);
    this.#waiting = '';
  }
}
