/** One side of a comparison: each metric's values in replicate order. */
export type MetricValues = Readonly<Record<string, readonly unknown[]>>;

/** A replicate for which both sides have a value. */
export interface Pair {
  readonly replicate: number;
  readonly baseline: unknown;
  readonly treatment: unknown;
}

/** What a verifier is told beside the values. */
export interface VerifierInfo {
  /** The treatment's name. */
  readonly treatment: string;
  /** The metrics of this group, in the order they were asked for. */
  readonly metrics: readonly string[];
  /**
   * By metric: the replicates that have a value on both sides, in replicate order. Where a cell
   * recorded a metric several times, its first values are paired, then its second, and so on.
   */
  readonly pairs: Readonly<Record<string, readonly Pair[]>>;
  /** How many of the replicates asked for lack a value on a side, for any metric of the group. */
  readonly dropped: number;
  /** How many replicates were asked for. */
  readonly replicates: number;
}

/** Compares a treatment with the baseline. What it returns is kept as it is. */
export type Verifier<R extends object = object> = (
  baseline: MetricValues,
  treatment: MetricValues,
  info: VerifierInfo,
) => R | Promise<R>;

/** Scores a treatment's result; the lowest score is the best, NaN comes last. */
export type Ranker = (result: unknown) => number;

/** A claim about what treatments do to metrics, and the test of it. */
export interface Hypothesis {
  readonly name: string;
  readonly metrics: readonly (readonly string[])[];
  /** Whether `metrics` was a list of lists, so that a result has one object per group. */
  readonly grouped: boolean;
  readonly verifier: Verifier;
  readonly ranker: Ranker | undefined;
}

/** How a hypothesis is declared. */
export interface HypothesisDeclaration {
  /** Default: the metrics' names, joined by `, `. */
  readonly name?: string;
  /** A metric, several for one test, or several groups with a test each (needs a `ranker`). */
  readonly metrics: string | readonly string[] | readonly (readonly string[])[];
  readonly verifier: Verifier;
  /** Default: the result's `pValue` (or `p_value`). */
  readonly ranker?: Ranker;
}

/** What came of a hypothesis. */
export interface HypothesisResult {
  readonly name: string;
  /** By treatment: what the verifier returned, or a list of that, one per group. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly ranking: {
    /** The treatment with the lowest score; absent when none has a score that is a number. */
    readonly best: string | undefined;
    /** Best first, NaN last. */
    readonly ranked: readonly (readonly [treatment: string, score: number])[];
  };
  /** Why it could not be evaluated, for one treatment or for all. */
  readonly error?: Error;
}

/**
 * Declares a hypothesis, tested for each treatment against the baseline once all cells have ended.
 *
 * @example
 * hypothesis({ name: 'k matters', metrics: 'accuracy', verifier: welchTTest() })
 */
export function hypothesis(declaration: HypothesisDeclaration): Hypothesis {
  const { metrics, verifier, ranker } = declaration;
  const listed = typeof metrics === 'string' ? [metrics] : metrics;
  const grouped = listed.some((entry) => Array.isArray(entry));
  const groups = (grouped ? listed : [listed]) as readonly (readonly string[])[];
  const name = declaration.name ?? groups.flat().join(', ');
  return Object.freeze({ name, metrics: groups, grouped, verifier, ranker });
}
