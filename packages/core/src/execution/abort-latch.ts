/**
 * @internal An abort that happens once. It makes its signal when somebody asks for it: the first
 * AbortController of a process takes milliseconds, and most steps never look at theirs.
 */
export class AbortLatch {
  #abort: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  get aborted(): boolean {
    return this.#abort !== undefined;
  }

  /** `undefined` until it is aborted. */
  get reason(): unknown {
    return this.#abort?.reason;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abort) this.#controller.abort(this.#abort.reason);
    }
    return this.#controller.signal;
  }

  /** Only the first call counts. */
  abort(reason: unknown): void {
    if (this.#abort) return;
    this.#abort = { reason };
    this.#controller?.abort(reason);
    this.#waiting?.resolve();
  }

  /** Resolves when it is aborted; else never. */
  async wait(): Promise<void> {
    if (this.#abort) return;
    this.#waiting ??= Promise.withResolvers();
    await this.#waiting.promise;
  }
}
