import type { Artifact } from '../artifact/artifact.ts';
import { deepFreeze, frozenCopy, isPlainObject } from '../context/freeze.ts';
import type { Datasource } from '../datasource/datasource.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import { type RunnableStep, runnableOf } from '../pipeline/step.ts';
import { PipelineStep, runnableOfClass } from '../pipeline/step-class.ts';
import { callingScript } from '../pipeline/user-frames.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ExperimentInfo, ModuleCall } from '../plugin/records.ts';
import { canonicalHash } from './canonical.ts';
import { configuredPlugins } from './configure-runs.ts';
import { constructingModule } from './constructing-module.ts';
import type { Hypothesis } from './hypothesis.ts';
import { nextOrdinal } from './made-experiments.ts';
import { type Treatment, treatmentList } from './treatment.ts';

/** @internal A definition as the rest of core uses it: copied, in one form, nothing optional. */
export interface ResolvedExperiment {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly datasource: Datasource<unknown, unknown>;
  readonly steps: readonly RunnableStep[];
  readonly treatments: readonly Treatment[];
  readonly hypotheses: readonly Hypothesis[];
  readonly plugins: readonly Plugin[];
  readonly outputs: readonly Artifact<unknown>[];
  /** `undefined` when the definition gives none: the datasource's count, else 1. */
  readonly replicates: number | undefined;
  readonly seed: number | undefined;
  readonly initialContext: Readonly<Record<string, unknown>>;
  /** URL of the module that made it. */
  readonly module: string | undefined;
  /** How a worker makes it; `undefined` where no file has made it. */
  readonly moduleCall: ModuleCall | undefined;
  /** Which of the equally named experiments of its module it is, from 0. */
  readonly ordinal: number;
  /** The script with the `new Experiment(…)`. */
  readonly script: string | undefined;
  readonly info: ExperimentInfo;
  /** What is wrong in a way that the types would have told; empty for most. */
  readonly problems: readonly string[];
}

const OPTIONS = [
  'name',
  'description',
  'datasource',
  'pipeline',
  'treatments',
  'hypotheses',
  'plugins',
  'outputs',
  'replicates',
  'seed',
  'initialContext',
  'module',
];

/**
 * @internal Reads what the user passed in, once. Never throws: problems are told by `validate()`, so
 * that a module with a faulty experiment can still be imported.
 */
export function resolveExperiment(given: unknown): ResolvedExperiment {
  const problems: string[] = [];
  const definition = isPlainObject(given) ? given : {};
  if (!isPlainObject(given)) problems.push(`a definition is an object, and this is ${describe(given)}.`);
  for (const key of Object.keys(definition)) {
    if (!OPTIONS.includes(key))
      problems.push(`'${key}' is not an option of an experiment. The options are: ${OPTIONS.join(', ')}.`);
  }
  const steps = resolveSteps(definition['pipeline'], problems);
  const name = definition['name'] as string | undefined;
  const outputs = listOf<Artifact<unknown>>(definition['outputs'], 'outputs', problems);
  const moduleCall = moduleCallOf(definition['module'], problems) ?? constructedBy();
  const module = moduleCall?.url;
  const id = pipelineId(steps, name !== undefined, problems);
  const treatments = objectsOf(
    definition['treatments'],
    'treatment',
    'Make it with treatment(name, values).',
    problems,
    () => true,
  );
  if (treatments !== undefined && !Array.isArray(treatments) && !isPlainObject(treatments)) {
    problems.push(
      `treatments is a list of treatments or an object { name: values }, and this is ${describe(treatments)}.`,
    );
  }
  const made = (hypothesis: object) =>
    'metrics' in hypothesis && Array.isArray(hypothesis.metrics) && 'grouped' in hypothesis;
  const hypotheses = objectsOf(
    listOf<Hypothesis>(definition['hypotheses'], 'hypotheses', problems),
    'hypothesis',
    'Make it with hypothesis({ metrics, verifier }).',
    problems,
    made,
  );
  const initialContext = definition['initialContext'] ?? {};
  if (!isPlainObject(initialContext))
    problems.push(`initialContext is an object, and this is ${describe(initialContext)}.`);
  const description = definition['description'] as string | undefined;
  const info: ExperimentInfo = deepFreeze({
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    id,
    directory: name ?? id,
    steps: steps.map((step) => step.name),
    outputs: outputs.map((output) => output.name),
    ...(module === undefined ? {} : { module }),
  });
  return {
    name,
    description,
    datasource: definition['datasource'] as Datasource<unknown, unknown>,
    steps,
    treatments: treatmentList(treatments as readonly Treatment[] | undefined),
    hypotheses,
    plugins: configuredPlugins(listOf(definition['plugins'], 'plugins', problems), problems),
    outputs,
    replicates: definition['replicates'] as number | undefined,
    seed: definition['seed'] as number | undefined,
    initialContext: isPlainObject(initialContext) ? frozenCopy(initialContext) : {},
    module,
    moduleCall,
    ordinal: nextOrdinal({ module: moduleCall, directory: info.directory, id }),
    script: definition['module'] === undefined ? callingScript() : module,
    info,
    problems,
  };
}

/** The option `module` in its one form. */
function moduleCallOf(given: unknown, problems: string[]): ModuleCall | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' || given instanceof URL) return { url: String(given) };
  const { url, export: name, args = [] } = isPlainObject(given) ? given : {};
  const isUrl = typeof url === 'string' || url instanceof URL;
  if (isUrl && typeof name === 'string' && Array.isArray(args))
    return { url: String(url), export: name, args };
  problems.push(
    'module is a URL, or { url, export, args }: a URL, the name of an exported function, and a list of plain data to call it with.',
  );
  return undefined;
}

function constructedBy(): ModuleCall | undefined {
  const url = constructingModule();
  return url === undefined ? undefined : { url };
}

function resolveSteps(pipeline: unknown, problems: string[]): readonly RunnableStep[] {
  const list = isPipeline(pipeline) ? pipeline.steps : pipeline;
  if (!Array.isArray(list)) {
    problems.push(`the pipeline is a list of steps or a Pipeline, and this is ${describe(pipeline)}.`);
    return [];
  }
  if (list.length === 0) problems.push('its pipeline is empty. Give it at least one step.');
  return list.flatMap((step, index) => {
    const known = asRunnable(step);
    if (known) return [known];
    const advice = typeof step === 'function' ? ` Call it: ${step.stepName ?? step.name}().` : '';
    problems.push(`step ${index} of the pipeline is ${describe(step)}, not a step.${advice}`);
    return [];
  });
}

function asRunnable(step: unknown): RunnableStep | undefined {
  if (typeof step !== 'object' || step === null) return undefined;
  const made = runnableOf(step);
  if (made) return made;
  // By shape as well, so that a step of another copy of this package runs.
  if (step instanceof PipelineStep || ('run' in step && typeof step.run === 'function')) {
    return runnableOfClass(step as PipelineStep<never, unknown>);
  }
  return undefined;
}

function isPipeline(value: unknown): value is { readonly steps: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'steps' in value;
}

function pipelineId(steps: readonly RunnableStep[], named: boolean, problems: string[]): string {
  const signature = steps.map((step) => [step.name, step.params]);
  try {
    return canonicalHash(signature, named ? 'describe' : 'refuse');
  } catch (error) {
    if (!(error instanceof UnsupportedValueError)) throw error;
    problems.push(`a param of the pipeline can't be part of the experiment's id. ${error.message}`);
    return canonicalHash(signature, 'describe');
  }
}

/** A list without the entries that are no such thing; anything else as it is. */
function objectsOf<T>(
  list: T,
  kind: string,
  advice: string,
  problems: string[],
  made: (entry: object) => boolean,
): T {
  if (!Array.isArray(list)) return list;
  const sound = list.filter((entry, index) => {
    if (typeof entry === 'object' && entry !== null && made(entry)) return true;
    problems.push(`${kind} ${index} is ${describe(entry)}, not a ${kind}. ${advice}`);
    return false;
  });
  return (sound.length === list.length ? list : sound) as T;
}

function listOf<T>(value: unknown, option: string, problems: string[]): readonly T[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return Object.freeze([...value]);
  problems.push(`${option} is a list, and this is ${describe(value)}.`);
  return [];
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
