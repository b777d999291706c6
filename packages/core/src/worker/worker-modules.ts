import { keyOfMaking } from '../definition/made-experiments.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';

/** How an import has gone until now. */
export type ImportState =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: unknown }
  /** It waits for something that will not come, or has not for a long while. */
  | { readonly status: 'pending' };

/** How long an import may go on once it has constructed what is wanted, or is stuck without it. */
const PATIENCE_MS = 5000;

/** @internal The user's modules in this worker, and the experiments that they have constructed. */
export class WorkerModules {
  /** By `keyOfMaking`, in the order of construction. */
  readonly constructed: Map<string, ResolvedExperiment[]> = new Map();
  readonly #imports = new Map<string, Promise<unknown>>();
  #stuckAt: string | undefined;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Imports a module, once. */
  import(url: string): Promise<unknown> {
    const known = this.#imports.get(url);
    if (known) return known;
    const importing = import(url);
    // Whoever waits for it is told; a module may also fail after nobody does any more.
    importing.catch(() => {});
    this.#imports.set(url, importing);
    return importing;
  }

  add(experiment: ResolvedExperiment): void {
    const { info, moduleCall } = experiment;
    const key = keyOfMaking({ module: moduleCall, directory: info.directory, id: info.id });
    const made = this.constructed.get(key);
    if (made) made.push(experiment);
    else this.constructed.set(key, [experiment]);
    this.#wake();
  }

  /** A call stays pending, and with it whatever waits for it. @param what - Which, and why. */
  block(what: string): void {
    this.#stuckAt = what;
    this.#wake();
  }

  /** What the module last called that stays pending. */
  get stuckAt(): string | undefined {
    return this.#stuckAt;
  }

  /**
   * Waits until an import has ended, or for what is wanted and a call that stays pending: whatever comes
   * after that call in the module is not needed for it.
   */
  async untilQuiet(importing: Promise<unknown>, isThere: () => boolean): Promise<ImportState> {
    let state: ImportState | undefined;
    const ended = importing.then(
      () => {
        state = { status: 'done' };
      },
      (error: unknown) => {
        state = { status: 'failed', error };
      },
    );
    while (!state) {
      const news = Promise.race([ended, this.#changed.promise]);
      const isStuck = this.#stuckAt !== undefined;
      if (isStuck && isThere()) return { status: 'pending' };
      if (!isStuck && !isThere()) await news;
      // What else the module waits for, nobody can know: a server that never ends, or a slow file.
      else if (await pause(PATIENCE_MS, news)) return { status: 'pending' };
    }
    return state;
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}

/** Whether the time has passed before something else came. */
async function pause(ms: number, other: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), ms);
  const elapsed = await Promise.race([promise, other.then(() => false)]);
  clearTimeout(timer);
  return elapsed;
}
