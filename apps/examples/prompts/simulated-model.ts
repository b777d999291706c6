import { setTimeout as wait } from 'node:timers/promises';

/** What a hosted model answers when it is asked too often. */
export class RateLimitError extends Error {
  override readonly name = 'RateLimitError';
}

/** What a model is asked. */
export interface Completion {
  readonly prompt: string;
  readonly question: string;
  /** In [0, 1): stands for the sampling of the model, so that an answer can be had again. */
  readonly chance: number;
  readonly signal: AbortSignal;
}

/**
 * Stands in for a hosted language model, so that the example needs no key and no network: it takes a
 * moment, refuses every seventh call (none twice), and adds two numbers rightly more often when it is told to show
 * its work. Put a client of your own in its place.
 */
export class SimulatedModel {
  #calls = 0;
  readonly #refused = new Set<string>();

  /** @throws RateLimitError now and then. @throws the reason of `signal`. */
  async complete({ prompt, question, chance, signal }: Completion): Promise<string> {
    this.#calls += 1;
    const refused = this.#calls % 7 === 0 && !this.#refused.has(question);
    if (refused) this.#refused.add(question);
    await wait(5, undefined, { signal });
    if (refused) throw new RateLimitError('Too many requests. Try again later.');
    const sum = question
      .split('+')
      .map(Number)
      .reduce((total, part) => total + part, 0);
    const showsWork = prompt.includes('step by step');
    const answer = chance < (showsWork ? 0.95 : 0.7) ? sum : sum - 10;
    return showsWork ? `The digits carry over, so it is ${answer}` : String(answer);
  }
}
