import type { Hypothesis } from '../definition/hypothesis.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { EventListener } from '../plugin/events.ts';

/** What may differ between two results that resume is told to put together all the same. */
export type Accepted = 'code' | 'params' | 'datasource' | 'seed' | 'inputs';

/** @internal */
export const ACCEPTED: readonly Accepted[] = ['code', 'params', 'datasource', 'seed', 'inputs'];

/** When and how often a failed cell is tried again. */
export interface RetryOptions {
  /** How many more tries, after the first. */
  readonly times: number;
  /** Milliseconds to wait before the nth retry, from 1; default: 500, doubled each time, 30 s at most. */
  readonly delay?: number | ((retry: number) => number);
  /** Whether an error is worth another try; default: every one. */
  readonly when?: (error: unknown) => boolean;
}

/** How a run is to go. Everything defaults to what the experiment says. */
export interface RunOptions<Names extends string = string> {
  /** Treatments for this run, or the names of some of the experiment's. */
  readonly treatments?: readonly (Treatment | Names)[];
  readonly hypotheses?: readonly Hypothesis[];
  readonly replicates?: number;
  /** Seed of this run, a whole number. */
  readonly seed?: number;
  /** `rerun` starts anew; `resume` goes on with what is stored. */
  readonly strategy?: 'rerun' | 'resume';
  /** The version to resume; default: the newest that holds a finished cell. */
  readonly version?: number;
  /** Differences that a resume is to accept. */
  readonly accept?: readonly Accepted[];
  /** Stop at the first failed cell, and reject with its error. */
  readonly failFast?: boolean;
  /** Milliseconds that one try of one cell may take. */
  readonly timeout?: number;
  /** Tries after the first, or more precisely when and how. */
  readonly retries?: number | RetryOptions;
  /** Stops the run: no further cell starts, and it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of everything that happens. */
  readonly onEvent?: EventListener;
}

/** @internal Retries with every default filled in. */
export interface Retries {
  readonly times: number;
  readonly delay: (retry: number) => number;
  readonly when: (error: unknown) => boolean;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** @internal */
export function resolveRetries(given: number | RetryOptions | undefined): Retries {
  const { times, delay, when }: RetryOptions = typeof given === 'object' ? given : { times: given ?? 0 };
  const backOff = (retry: number) => Math.min(FIRST_DELAY_MS * 2 ** (retry - 1), LONGEST_DELAY_MS);
  return {
    times,
    delay: typeof delay === 'number' ? () => delay : (delay ?? backOff),
    when: when ?? (() => true),
  };
}

/** @internal The names of every option, for telling a misspelled one. */
export const RUN_OPTIONS: readonly string[] = [
  'treatments',
  'hypotheses',
  'replicates',
  'seed',
  'strategy',
  'version',
  'accept',
  'failFast',
  'timeout',
  'retries',
  'signal',
  'onEvent',
];
