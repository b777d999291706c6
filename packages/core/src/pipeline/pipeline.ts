import type { AnyStep } from './step.ts';

/**
 * Steps in order. An experiment also takes a plain array of steps; a Pipeline is for one that several
 * experiments share.
 *
 * @example
 * const pipeline = new Pipeline([split(), fit()]);
 */
export class Pipeline<const S extends readonly AnyStep[] | [] = readonly AnyStep[]> {
  readonly steps: S;

  constructor(steps: S) {
    this.steps = Object.freeze([...steps]) as unknown as S;
  }
}
