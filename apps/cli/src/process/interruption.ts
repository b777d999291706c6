import { EXIT, type ExitCode } from '../exit-code.ts';

type Signal = 'SIGINT' | 'SIGTERM';

const CODES: Readonly<Record<Signal, ExitCode>> = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated };

/** Why a run was aborted: the reason of {@link Interruption.signal}. */
export class InterruptedError extends Error {
  readonly exitCode: ExitCode;

  constructor(signal: Signal) {
    super(signal === 'SIGINT' ? 'interrupted' : 'terminated');
    this.name = 'InterruptedError';
    this.exitCode = CODES[signal];
  }
}

/** What is told of signals while a run is under way. */
export interface StopHandler {
  /** The first one has aborted the run. */
  stopping(): void;
  /** The process is about to end, by a further one. */
  leaving(): void;
}

/**
 * Ctrl-C and SIGTERM: the first one stops a run that is under way, the second ends the process, as the
 * first does where nothing is under way.
 */
export class Interruption implements Disposable {
  readonly #abort = new AbortController();
  readonly #handlers: readonly (readonly [Signal, () => void])[];
  #handler: StopHandler | undefined;

  constructor() {
    this.#handlers = (Object.keys(CODES) as Signal[]).map((signal) => [signal, () => this.#receive(signal)]);
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  /** Aborted by the first signal, with an {@link InterruptedError}. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** From now on the first signal aborts, and the handler is told at once. */
  runStarts(handler: StopHandler): void {
    this.#handler = handler;
  }

  /** From now on any signal ends the process. */
  runEnded(): void {
    this.#handler = undefined;
  }

  [Symbol.dispose](): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  #receive(signal: Signal): void {
    // Nothing waits for an orderly end here, so that only leaving the process is left.
    if (!this.#handler || this.#abort.signal.aborted) {
      this.#handler?.leaving();
      process.exit(CODES[signal]);
    }
    this.#abort.abort(new InterruptedError(signal));
    this.#handler.stopping();
  }
}
