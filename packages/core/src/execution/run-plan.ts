import { drawSeed } from '../context/seed.ts';
import type { Hypothesis } from '../definition/hypothesis.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { type Treatment, treatmentList } from '../definition/treatment.ts';
import { validate } from '../definition/validate.ts';
import type { Plugin } from '../plugin/plugin.ts';
import {
  ACCEPTED,
  type Accepted,
  type Retries,
  RUN_OPTIONS,
  type RunOptions,
  resolveRetries,
} from './run-options.ts';

/** @internal A run with every option decided; it has been validated. */
export interface RunPlan {
  /** By condition, `baseline` first; `undefined` where it has no values of its own. */
  readonly treatments: ReadonlyMap<string, Treatment | undefined>;
  /** Conditions that come from an upstream experiment of a graph. */
  readonly inherited: ReadonlySet<string>;
  readonly hypotheses: readonly Hypothesis[];
  /** As given to the run or the experiment. */
  readonly replicates: number | undefined;
  readonly seed: number;
  /** Whether the user chose the seed; else it is drawn, or that of the run that is resumed. */
  readonly seedGiven: boolean;
  readonly strategy: 'rerun' | 'resume';
  /** The version to resume. */
  readonly version: number | undefined;
  /** Differences that a resume may have. */
  readonly accept: readonly Accepted[];
  readonly failFast: boolean;
  readonly timeout: number | undefined;
  readonly retries: Retries;
}

/** @internal Decides and validates. @throws ExperimentInvalidError */
export async function planRun(
  experiment: ResolvedExperiment,
  options: RunOptions,
  plugins: readonly Plugin[],
  inherited: readonly Treatment[] = [],
): Promise<RunPlan> {
  const problems: string[] = [];
  const given =
    options.treatments === undefined
      ? experiment.treatments
      : chosen(options.treatments, experiment, problems);
  const own = new Set(given.map((treatment) => treatment.name));
  const fromUpstream = inherited.filter((treatment) => !own.has(treatment.name));
  const treatments = [...fromUpstream, ...given];
  const compared = treatments.some((treatment) => !isBaseline(treatment));
  // A run that was narrowed down to the baseline has nothing to test, and that is no mistake.
  const narrowed = options.treatments !== undefined && !compared;
  const hypotheses = options.hypotheses ?? (narrowed ? [] : experiment.hypotheses);
  const replicates = options.replicates ?? experiment.replicates;
  const seed = options.seed ?? experiment.seed;
  problems.push(...wrongOptions(options));
  const names = new Set(fromUpstream.map((treatment) => treatment.name));
  await validate(
    { experiment, treatments, inherited: names, hypotheses, replicates, seed, plugins },
    problems,
  );
  // The baseline is a condition of every run, whether or not it has values of its own.
  const byName = new Map<string, Treatment | undefined>([
    ['baseline', experiment.treatments.find(isBaseline)],
  ]);
  for (const treatment of treatments) byName.set(treatment.name, treatment);
  return {
    treatments: byName,
    inherited: names,
    hypotheses,
    replicates,
    seed: seed ?? drawSeed(),
    seedGiven: seed !== undefined,
    strategy: options.strategy ?? 'rerun',
    version: options.version,
    accept: options.accept ?? [],
    failFast: options.failFast ?? false,
    timeout: options.timeout,
    retries: resolveRetries(options.retries),
  };
}

function isBaseline(treatment: Treatment): boolean {
  return treatment.name === 'baseline';
}

function chosen(
  wanted: readonly (Treatment | string)[],
  experiment: ResolvedExperiment,
  problems: string[],
): readonly Treatment[] {
  if (!Array.isArray(wanted)) {
    problems.push('the treatments of run() are a list: of names, or of what treatment(name, values) makes.');
    return [];
  }
  return wanted.flatMap((entry) => {
    if (typeof entry !== 'string') return treatmentList([entry]);
    const known = experiment.treatments.find((treatment) => treatment.name === entry);
    // Naming the baseline is fine: it runs in any case.
    if (known) return [known];
    if (entry === 'baseline') return [];
    const names = experiment.treatments.map((treatment) => `'${treatment.name}'`).join(', ');
    problems.push(`there is no treatment '${entry}'. Its treatments are: ${names || 'none'}.`);
    return [];
  });
}

function* wrongOptions(options: RunOptions): Iterable<string> {
  for (const key of Object.keys(options)) {
    if (!RUN_OPTIONS.includes(key))
      yield `'${key}' is not an option of run(). The options are: ${RUN_OPTIONS.join(', ')}.`;
  }
  const { strategy, timeout, retries } = options;
  yield* wrongResume(options);
  if (strategy !== undefined && strategy !== 'rerun' && strategy !== 'resume') {
    yield `strategy is 'rerun' or 'resume', and was given as '${String(strategy)}'.`;
  }
  if (timeout !== undefined && !(Number.isFinite(timeout) && timeout > 0)) {
    yield `timeout is a number of milliseconds above 0, and was given as ${timeout}.`;
  }
  const times = typeof retries === 'object' ? retries.times : retries;
  if (times !== undefined && !(Number.isInteger(times) && times >= 0)) {
    yield `retries is a whole number from 0, and was given as ${times}.`;
  }
}

function* wrongResume({ strategy, version, accept }: RunOptions): Iterable<string> {
  if (version !== undefined && !(Number.isSafeInteger(version) && version >= 0)) {
    yield `version is the number of a stored run, a whole number from 0, and was given as ${String(version)}.`;
  }
  if (accept !== undefined && !Array.isArray(accept)) {
    yield `accept is a list of ${ACCEPTED.join(', ')}, and was given as ${String(accept)}.`;
  } else {
    for (const kind of accept ?? []) {
      if (!ACCEPTED.includes(kind))
        yield `accept takes ${ACCEPTED.join(', ')}, and was given '${String(kind)}'.`;
    }
  }
  // Whoever says which run is to go on would not want it replaced.
  if (strategy === 'resume') return;
  if (version !== undefined)
    yield `version says which run to resume. Add strategy: 'resume', or leave it out.`;
  if (accept !== undefined && accept.length > 0)
    yield `accept says which differences a resume may have. Add strategy: 'resume', or leave it out.`;
}
