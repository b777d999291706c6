import { type ArtifactBody, ArtifactScopeError } from '@crystallize/core';

/** One write of an artifact while it is under way. */
export class Writing {
  /** Resolves when it has ended, however it did. */
  readonly over: Promise<void>;
  /** Whether the store has got every byte, so that only publishing is left. */
  complete = false;
  #brokenOff = false;
  readonly #end: () => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#end = resolve;
  }

  /** The same body; what becomes of it is seen here. */
  watch(body: ArtifactBody): ArtifactBody {
    if (!(body instanceof Uint8Array)) return this.#watch(body);
    this.complete = true;
    return body;
  }

  /** Lets a body that is not complete fail at its next piece, or at its end: it will not be published. */
  breakOff(): void {
    this.#brokenOff = true;
  }

  end(): void {
    this.#end();
  }

  async *#watch(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    for await (const piece of pieces) {
      this.#checkOn();
      yield piece;
    }
    this.#checkOn();
    this.complete = true;
  }

  #checkOn(): void {
    if (this.#brokenOff)
      throw new ArtifactScopeError(
        'The cell ended while this artifact was being written, so it is not stored.',
      );
  }
}
