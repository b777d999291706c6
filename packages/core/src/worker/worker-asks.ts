import type { Question } from './messages.ts';
import type { WorkerLink } from './worker-link.ts';

/** @internal What this worker has asked the main process, and waits to be told. */
export class WorkerAsks {
  readonly #link: WorkerLink;
  readonly #open = new Map<number, (text: string) => void>();
  #count = 0;

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  /** Pending for as long as the main process has no answer. */
  ask(question: Question): Promise<string> {
    const id = this.#count++;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#open.set(id, resolve);
    this.#link.post({ type: 'ask', id, question });
    return promise;
  }

  answer(id: number, text: string): void {
    this.#open.get(id)?.(text);
    this.#open.delete(id);
  }
}
