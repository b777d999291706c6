import { isPlainObject } from '../context/freeze.ts';
import { ExperimentInvalidError } from '../errors/run-errors.ts';
import { messageOf } from '../plugin/error-record.ts';
import type { Plugin } from '../plugin/plugin.ts';
import { checkName, findCollisions } from '../storage/names.ts';
import type { Hypothesis } from './hypothesis.ts';
import { folderConflicts } from './output-folders.ts';
import type { ResolvedExperiment } from './resolved-experiment.ts';
import type { Treatment } from './treatment.ts';

/** @internal What is to be run: an experiment with the options of a run put over it. */
export interface Subject {
  readonly experiment: ResolvedExperiment;
  readonly treatments: readonly Treatment[];
  /** Names of those that come from an upstream experiment. */
  readonly inherited: ReadonlySet<string>;
  readonly hypotheses: readonly Hypothesis[];
  readonly replicates: number | undefined;
  readonly seed: number | undefined;
  readonly plugins: readonly Plugin[];
}

/** One thing that may be wrong: says so, in sentences. */
type Rule = (subject: Subject) => Iterable<string>;

/** @internal @throws ExperimentInvalidError that tells everything that is wrong, before anything has run. */
export async function validate(subject: Subject, more: readonly string[] = []): Promise<void> {
  const problems = [...subject.experiment.problems, ...more];
  for (const rule of RULES) problems.push(...rule(subject));
  for (const plugin of subject.plugins)
    problems.push(...(await pluginComplaints(plugin, subject.experiment)));
  if (problems.length === 0) return;
  const { name } = subject.experiment;
  throw new ExperimentInvalidError(
    name === undefined ? 'The experiment' : `The experiment '${name}'`,
    problems,
  );
}

const RULES: readonly Rule[] = [
  function* datasource({ experiment }) {
    const source: unknown = experiment.datasource;
    if (source === undefined || source === null) {
      yield 'it has no datasource. Give it one, such as datasource: datasource((ctx) => …).';
    } else if (typeof source !== 'object' || !('fetch' in source) || typeof source.fetch !== 'function') {
      yield `its datasource is ${typeof source === 'object' ? 'an object without a fetch function' : `a ${typeof source}`}. Wrap a function: datasource((ctx) => …).`;
    }
  },
  function* pipeline({ experiment }) {
    for (const name of duplicates(experiment.steps.map((step) => step.name))) {
      yield `two steps are named '${name}'. Give one a name of its own: step(params, { name: '…' }).`;
    }
  },
  function* names({ experiment, treatments }) {
    const steps = experiment.steps.map((step) => step.name);
    const conditions = treatments.map((treatment) => treatment.name);
    const outputs = experiment.outputs.map((output) => output.name);
    if (experiment.name !== undefined) yield* unsafe('experiment', [experiment.name]);
    yield* unsafe('step', steps);
    yield* unsafe('condition', conditions);
    yield* unsafe('artifact', outputs);
    yield* collisions('steps', steps);
    yield* collisions('treatments', ['baseline', ...conditions]);
    yield* collisions('outputs', outputs);
    yield* folderConflicts(outputs);
    for (const name of duplicates(outputs)) yield `two outputs are named '${name}'. Declare each once.`;
  },
  function* treatments({ treatments }) {
    for (const name of duplicates(treatments.map((treatment) => treatment.name))) {
      yield `two treatments are named '${name}'. Each needs a name of its own.`;
    }
    for (const treatment of treatments) {
      if (treatment.values === undefined && treatment.apply === undefined) {
        yield `the treatment '${treatment.name}' has neither values nor a function. Make it with treatment(name, values).`;
      } else if (treatment.values !== undefined && !isPlainObject(treatment.values)) {
        yield `the values of the treatment '${treatment.name}' are an object { key: value }, and these are a ${typeof treatment.values}.`;
      }
    }
  },
  function* fixedParams({ experiment, treatments, inherited }) {
    for (const treatment of treatments) {
      // What an upstream experiment varies may well be fixed here.
      if (inherited.has(treatment.name)) continue;
      const source = treatment.datasource ?? experiment.datasource;
      for (const key of Object.keys(treatment.values ?? {})) {
        const fixed = experiment.steps.filter((step) => Object.hasOwn(step.params, key));
        const open = experiment.steps.some((step) => Object.hasOwn(step.open, key));
        if (fixed.length === 0 || open || Object.hasOwn(source?.params ?? {}, key)) continue;
        const list = fixed.map((step) => `'${step.name}'`).join(', ');
        yield `the treatment '${treatment.name}' sets '${key}', which is fixed in ${list} and so would not change. Leave it out of the factory's params.`;
      }
    }
  },
  function* counts({ replicates, seed }) {
    if (replicates !== undefined && !(Number.isSafeInteger(replicates) && replicates >= 1)) {
      yield `replicates is a whole number of at least 1, and was given as ${String(replicates)}.`;
    }
    if (seed !== undefined && !Number.isSafeInteger(seed)) {
      yield `seed is a whole number, and was given as ${String(seed)}.`;
    }
  },
  function* hypotheses({ hypotheses, treatments }) {
    const compared = treatments.filter((treatment) => treatment.name !== 'baseline');
    if (hypotheses.length > 0 && compared.length === 0) {
      yield 'it has hypotheses but no treatments to test them on. Add a treatment, or take the hypotheses out.';
    }
    for (const name of duplicates(hypotheses.map((hypothesis) => hypothesis.name))) {
      yield `two hypotheses are named '${name}'. Give each a name of its own.`;
    }
    for (const { name, metrics, grouped, ranker, verifier } of hypotheses) {
      if (metrics.length === 0 || metrics.some((group) => group.length === 0))
        yield `the hypothesis '${name}' names no metric.`;
      if (grouped && !ranker)
        yield `the hypothesis '${name}' has several groups of metrics, and needs a ranker that makes one score of their results.`;
      if (typeof verifier !== 'function') yield `the hypothesis '${name}' has no verifier function.`;
    }
  },
  function* plugins({ plugins }) {
    for (const [index, plugin] of plugins.entries()) {
      if (typeof plugin !== 'object' || plugin === null || typeof plugin.name !== 'string') {
        yield `plugin ${index} is not an object with a name.`;
      }
    }
    for (const name of duplicates(plugins.map((plugin) => plugin?.name)))
      yield `two plugins are named '${name}'.`;
  },
];

async function pluginComplaints(plugin: Plugin, experiment: ResolvedExperiment): Promise<readonly string[]> {
  if (typeof plugin?.validate !== 'function') return [];
  try {
    return ((await plugin.validate(experiment.info)) ?? []).map(
      (complaint) => `plugin '${plugin.name}': ${complaint}`,
    );
  } catch (error) {
    return [`plugin '${plugin.name}': ${messageOf(error)}`];
  }
}

function* unsafe(kind: Parameters<typeof checkName>[0], names: readonly string[]): Iterable<string> {
  for (const name of names) {
    const problem = checkName(kind, name);
    if (problem !== undefined) yield problem;
  }
}

function* collisions(kind: string, names: readonly string[]): Iterable<string> {
  const valid = names.filter((name) => typeof name === 'string');
  for (const group of findCollisions(valid)) {
    yield `the ${kind} ${group.map((name) => `'${name}'`).join(' and ')} would share a folder where case or Unicode form does not count. Rename one.`;
  }
}

function duplicates(names: readonly string[]): Set<string> {
  return new Set(names.filter((name, index) => names.indexOf(name) !== index));
}
