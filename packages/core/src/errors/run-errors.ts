import { CrystallizeError, type CrystallizeErrorOptions } from './crystallize-error.ts';
import { messageOf } from './message-of.ts';

/** A definition or the options of a run are wrong. Nothing has run. */
export class ExperimentInvalidError extends CrystallizeError {
  /** Each thing that is wrong, as a sentence. */
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[], options?: CrystallizeErrorOptions) {
    const text =
      problems.length === 1 ? ` ${problems[0]}` : problems.map((problem) => `\n  - ${problem}`).join('');
    super('EXPERIMENT_INVALID', `${subject} can't run:${text}`, options);
    this.problems = problems;
  }
}

/** The experiments of a graph don't fit together. Nothing has run. */
export class GraphInvalidError extends CrystallizeError {
  constructor(message: string) {
    super('GRAPH_INVALID', message);
  }
}

/** A context key was set twice. */
export class ContextMutationError extends CrystallizeError {
  readonly key: string;

  constructor(key: string, where: string) {
    super(
      'CONTEXT_MUTATION',
      `The context key '${key}' is set already and can't be changed (in ${where}). Add the new value under another key.`,
    );
    this.key = key;
  }
}

/** A param without a default got no value. */
export class MissingParamError extends CrystallizeError {
  readonly step: string;
  readonly param: string;

  constructor(step: string, param: string) {
    super(
      'PARAM_MISSING',
      `The step '${step}' needs a value for its param '${param}'. Give it to the step's factory, in a treatment (the baseline's is treatment('baseline', …)) or in initialContext.`,
    );
    this.step = step;
    this.param = param;
  }
}

/** A factory was given a param that its step does not declare. */
export class UnknownParamError extends CrystallizeError {
  readonly step: string;
  readonly param: string;

  constructor(step: string, param: string, known: readonly string[]) {
    const list = known.length > 0 ? known.join(', ') : 'none';
    super('PARAM_UNKNOWN', `The step '${step}' has no param '${param}'. Its params are: ${list}.`);
    this.step = step;
    this.param = param;
  }
}

/** A hypothesis asks for a metric that was not recorded. */
export class MissingMetricError extends CrystallizeError {
  readonly metric: string;

  constructor(metric: string, where: string, known: readonly string[]) {
    const list = known.length > 0 ? known.join(', ') : 'none';
    super('METRIC_MISSING', `No cell recorded the metric '${metric}' (${where}). Recorded metrics: ${list}.`);
    this.metric = metric;
  }
}

/** A cell failed; `cause` is the original error. */
export class CellFailedError extends CrystallizeError {
  readonly replicate: number;
  readonly condition: string;
  /** The step that threw, or `datasource`. */
  readonly step: string;

  /** @param reason - The cause's message, without secrets. */
  constructor(
    cell: { replicate: number; condition: string },
    step: string,
    cause: unknown,
    reason: string = messageOf(cause),
  ) {
    super(
      'CELL_FAILED',
      `Replicate ${cell.replicate} of '${cell.condition}' failed in '${step}': ${reason}`,
      { cause },
    );
    this.replicate = cell.replicate;
    this.condition = cell.condition;
    this.step = step;
  }
}

/** A cell took longer than `timeout`. */
export class CellTimeoutError extends CrystallizeError {
  /** Milliseconds. */
  readonly timeout: number;

  /** @param addition - A sentence on how it was ended. */
  constructor(timeout: number, addition?: string) {
    super(
      'CELL_TIMEOUT',
      `The cell was ended because it took longer than its timeout of ${timeout} ms.${addition === undefined ? '' : ` ${addition}`}`,
    );
    this.timeout = timeout;
  }
}

/** A cell needs a cell of another experiment that failed. */
export class UpstreamFailedError extends CrystallizeError {
  readonly experiment: string;
  readonly replicate: number;
  readonly condition: string;

  constructor(upstream: { experiment: string; replicate: number; condition: string }, reason: string) {
    super(
      'UPSTREAM_FAILED',
      `Replicate ${upstream.replicate} of '${upstream.condition}' failed in the experiment '${upstream.experiment}' (${reason}), so there is nothing to read from it. Mend that cell and run '${upstream.experiment}' again.`,
    );
    this.experiment = upstream.experiment;
    this.replicate = upstream.replicate;
    this.condition = upstream.condition;
  }
}

/** Two counts of replicates don't agree. */
export class ReplicateMismatchError extends CrystallizeError {
  constructor(message: string) {
    super('REPLICATE_MISMATCH', message);
  }
}

/** The producer has no treatment of the consumer's name, and `missingTreatment: 'error'` was asked for. */
export class TreatmentMissingError extends CrystallizeError {
  constructor(message: string) {
    super('TREATMENT_MISSING', message);
  }
}

/** `strategy: 'resume'` where no plugin can restore anything. */
export class ResumeUnsupportedError extends CrystallizeError {
  constructor(message: string) {
    super('RESUME_UNSUPPORTED', message);
  }
}

/** What is stored was made by something else than what is to go on. Nothing has run. */
export class ResumeMismatchError extends CrystallizeError {
  /** What differs and was not accepted, each a sentence with what `accept` takes for it. */
  readonly differences: readonly { readonly kind: string; readonly message: string }[];

  constructor(
    experiment: string,
    version: number | undefined,
    differences: readonly { readonly kind: string; readonly message: string }[],
  ) {
    const run = version === undefined ? 'The stored run' : `v${version}`;
    const list = differences.map(({ kind, message }) => `\n  - ${message} (${kind})`).join('');
    const kinds = [...new Set(differences.map(({ kind }) => `'${kind}'`))].join(', ');
    super(
      'RESUME_MISMATCH',
      `${run} of '${experiment}' can't go on as it is:${list}\nUndo the change; or start a new run with strategy: 'rerun'; or go on all the same with accept: [${kinds}], which stays visible in the result.`,
    );
    this.differences = differences.map(({ kind, message }) => ({ kind, message }));
  }
}

/** A hook threw where that stops the run; `cause` is the original error. */
export class PluginError extends CrystallizeError {
  readonly plugin: string;
  readonly hook: string;

  constructor(plugin: string, hook: string, cause: unknown) {
    super('PLUGIN_FAILED', `The plugin '${plugin}' failed in ${hook}: ${messageOf(cause)}`, { cause });
    this.plugin = plugin;
    this.hook = hook;
  }
}
