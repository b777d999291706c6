import { StatsInputError } from '../stats-input-error.ts';

/** What is claimed of the treatment: its mean differs, is greater, or is less than the baseline's. */
export type Alternative = 'two-sided' | 'greater' | 'less';

/** How a t-test is done. */
export interface TTestOptions {
  /** Default `two-sided`. */
  readonly alternative?: Alternative;
  /** Coverage of the interval, between 0 and 1; `significant` is a p-value below 1 − confidence. Default 0.95. */
  readonly confidence?: number;
}

const ALTERNATIVES: readonly string[] = ['two-sided', 'greater', 'less'] satisfies Alternative[];

/**
 * Puts in the defaults.
 *
 * @param test Name of the function that got the options, for messages.
 * @param known Names of the options it takes.
 * @throws StatsInputError `STATS_OPTION_INVALID` for an unknown option or a value out of range.
 */
export function resolveTTestOptions(
  test: string,
  options: TTestOptions,
  known: readonly string[] = ['alternative', 'confidence'],
): Required<TTestOptions> {
  const fail = (message: string): never => {
    throw new StatsInputError('STATS_OPTION_INVALID', `${test}: ${message}`);
  };
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) fail(`there is no option '${name}'. Its options are: ${known.join(', ')}.`);
  }
  const { alternative = 'two-sided', confidence = 0.95 } = options;
  if (!ALTERNATIVES.includes(alternative)) {
    fail(`alternative is ${JSON.stringify(alternative)}; it must be one of ${ALTERNATIVES.join(', ')}.`);
  }
  if (typeof confidence !== 'number' || !(confidence > 0 && confidence < 1)) {
    fail(`confidence is ${String(confidence)}; it must be between 0 and 1, such as 0.95.`);
  }
  return { alternative, confidence };
}
