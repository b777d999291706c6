import type { Redactor } from '../context/redactor.ts';
import { reveal } from '../context/secret.ts';
import type { Datasource } from '../datasource/datasource.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment, TreatmentContext } from '../definition/treatment.ts';
import { MissingParamError } from '../errors/run-errors.ts';
import { isRequired } from '../pipeline/params.ts';
import type { RunnableStep } from '../pipeline/step.ts';

/** @internal The params of a step, as it gets them and as they may be shown. */
export interface StepParams {
  readonly values: Readonly<Record<string, unknown>>;
  readonly shown: Readonly<Record<string, unknown>>;
  /** Which of them came from the context. */
  readonly fromContext: readonly string[];
}

/** @internal What has params: a step, or a datasource. */
export type HasParams = Pick<RunnableStep, 'name' | 'params' | 'open'>;

/** @internal One condition of a run: what all of its cells start from. */
export class Condition {
  readonly name: string;
  readonly datasource: Datasource<unknown, unknown>;
  /** The datasource's params, resolved like those of a step; `undefined` when it has none. */
  readonly sourceParams: HasParams | undefined;
  readonly apply: ((ctx: TreatmentContext) => void) | undefined;
  /** The context before any step: initialContext, then the treatment's values. Secrets are revealed. */
  readonly values: ReadonlyMap<string, unknown>;
  /** The same, as it may be shown. */
  readonly shown: ReadonlyMap<string, unknown>;
  /** Keys that the treatment sets, as far as its cells ought to read them. */
  readonly toRead: ReadonlySet<string>;
  readonly #inherited: boolean;
  readonly #params = new Map<HasParams, StepParams>();
  readonly #redactor: Redactor;

  constructor(
    name: string,
    experiment: ResolvedExperiment,
    treatment: Treatment | undefined,
    inherited: boolean,
    redactor: Redactor,
  ) {
    this.name = name;
    this.#redactor = redactor;
    this.datasource = treatment?.datasource ?? experiment.datasource;
    const { params } = this.datasource ?? {};
    this.sourceParams = params
      ? { name: 'datasource', params: {}, open: params as Readonly<Record<string, unknown>> }
      : undefined;
    this.apply = treatment?.apply;
    const given = { ...experiment.initialContext, ...treatment?.values };
    redactor.learn(given);
    const values = new Map<string, unknown>();
    const shown = new Map<string, unknown>();
    for (const [key, value] of Object.entries(given)) {
      values.set(key, reveal(value));
      shown.set(key, redactor.value(value, key));
    }
    this.values = values;
    this.shown = shown;
    // An inherited treatment says at least which of the upstream's files are read.
    this.#inherited = inherited;
    this.toRead = new Set(inherited ? [] : Object.keys(treatment?.values ?? {}));
  }

  /** Whether a key that the treatment's function sets ought to be read. */
  get expectsReads(): boolean {
    return !this.#inherited;
  }

  /** The params of a step in a cell that has added nothing to the context: the same for all of them. */
  params(step: HasParams): StepParams {
    const known = this.#params.get(step);
    if (known) return known;
    const params = resolveParams(step, this.values, (key) => this.shown.get(key), this.#redactor);
    this.#params.set(step, params);
    return params;
  }
}

/**
 * @internal A fixed param as it was given, an open one from the context, else its default.
 *
 * @param shownOf - What a key of the context may be shown as: a secret there is revealed already.
 */
export function resolveParams(
  step: HasParams,
  context: ReadonlyMap<string, unknown>,
  shownOf: (key: string) => unknown,
  redactor: Redactor,
): StepParams {
  const values: Record<string, unknown> = {};
  const given: Record<string, unknown> = {};
  const fromContext: string[] = [];
  for (const [key, value] of Object.entries(step.params)) {
    given[key] = value;
    values[key] = reveal(value);
  }
  for (const [key, fallback] of Object.entries(step.open)) {
    const set = context.has(key);
    const value = set ? context.get(key) : fallback;
    if (!set && isRequired(value)) throw new MissingParamError(step.name, key);
    if (set) fromContext.push(key);
    given[key] = set ? shownOf(key) : value;
    values[key] = reveal(value);
  }
  redactor.learn(given);
  const shown = redactor.value(given);
  const hidden = shown !== given || Object.keys(given).some((key) => !Object.is(given[key], values[key]));
  return {
    values: Object.freeze(values),
    shown: hidden ? Object.freeze(shown) : Object.freeze(values),
    fromContext,
  };
}
