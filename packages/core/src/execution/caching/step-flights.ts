/** @internal The results that are being made in this process, so that those who need the same can wait for it. */
export class StepFlights {
  readonly #waiting = new Map<string, Promise<void>>();
  #ended = 0;

  /** How many have ended until now. */
  get ended(): number {
    return this.#ended;
  }

  /** Settles when the one that makes this result has ended, whatever came of it. */
  of(result: string): Promise<void> | undefined {
    return this.#waiting.get(result);
  }

  /** Says that a result is being made; what it returns says that it is no longer. */
  begin(result: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(result, promise);
    return () => {
      this.#ended++;
      if (this.#waiting.get(result) === promise) this.#waiting.delete(result);
      resolve();
    };
  }
}
