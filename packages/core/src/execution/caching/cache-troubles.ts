import { messageOf } from '../../errors/message-of.ts';
import type { ActiveRun } from '../active-run.ts';

/** @internal Tells what goes wrong with the cache of a run's steps: each kind of trouble once, and never as an error. */
export class CacheTroubles {
  readonly #run: ActiveRun;
  readonly #told = new Set<string>();

  constructor(run: ActiveRun) {
    this.#run = run;
  }

  /** What a step did has no form to be compared or kept in. Told once for each step. */
  notKept(step: string, reason: unknown): void {
    this.#tell(
      `kept ${step}`,
      `The step '${step}' is cacheable, but what it did is not kept, so that it runs again next time. ${messageOf(reason)}`,
    );
  }

  /** An entry of the cache is not what was written. Told once for each step. */
  damaged(step: string): void {
    this.#tell(
      `damaged ${step}`,
      `The cache of the step '${step}' was damaged. What was damaged is computed anew and replaced; results are not affected.`,
    );
  }

  /** The cache can't be read or written. Told once for each of the two. */
  failed(action: 'read' | 'write', error: unknown): void {
    const outcome = action === 'read' ? 'Steps run instead' : 'What they did is not kept';
    this.#tell(
      action,
      `The cache of steps could not be ${action === 'read' ? 'read' : 'written'}. ${outcome}; results are not affected. ${messageOf(error)}`,
    );
  }

  #tell(once: string, message: string): void {
    if (this.#told.has(once)) return;
    this.#told.add(once);
    this.#run.warn(message);
  }
}
