import { ArtifactPlugin } from '@crystallize/artifacts';
import type { RunHandle } from '@crystallize/core';
import type { Shared } from './worker-half.ts';

/** An ArtifactPlugin that shows what it hands to workers. */
export class Showing extends ArtifactPlugin {
  #shared: Shared | undefined;

  /** Of the run that began last. */
  get shared(): Shared {
    if (!this.#shared) throw new Error('No run has begun.');
    return this.#shared;
  }

  override async beforeRun(run: RunHandle): Promise<Shared> {
    this.#shared = await super.beforeRun(run);
    return this.#shared;
  }
}
