import { encodeCachedStep } from '../../cache/cached-step.ts';
import { CachedSteps, type Found, type SealedEntry } from '../../cache/cached-steps.ts';
import { entryKey, readSet, type SetupSource, valueOfRead } from '../../cache/context-reads.ts';
import { seal } from '../../cache/sealed-object.ts';
import type { StepCache } from '../../cache/step-cache.ts';
import { stepCode } from '../../cache/step-code.ts';
import { stepKey } from '../../cache/step-key.ts';
import type { ResolvedExperiment } from '../../definition/resolved-experiment.ts';
import { UnsupportedValueError } from '../../errors/storage-errors.ts';
import type { RunnableStep } from '../../pipeline/step.ts';
import type { ActiveRun } from '../active-run.ts';
import type { Cell } from '../cell.ts';
import type { StepParams } from '../condition.ts';
import type { StepResources } from '../step-resources.ts';
import { CacheTroubles } from './cache-troubles.ts';
import { placeStep } from './place-step.ts';
import type { PlacedStep } from './placed-step.ts';
import { StepFlights } from './step-flights.ts';
import type { TrackedScope } from './tracked-scope.ts';

/** @internal What the cache has for a step in a cell. */
export interface StepLookup {
  /** `undefined` when the step has to run. */
  readonly hit: PlacedStep | undefined;
  /** Keeps what the step did; never rejects. */
  keep(scope: TrackedScope, output: unknown): Promise<void>;
  /** The step has ended, in whatever way. */
  end(): void;
}

/** @internal The caching of one run's steps in this process. */
export class StepCaching {
  readonly #run: ActiveRun;
  readonly #experiment: ResolvedExperiment;
  readonly #steps: CachedSteps;
  readonly #resources: StepResources;
  readonly #setup: SetupSource;
  readonly #patient: boolean;
  readonly #flights = new StepFlights();
  readonly #codes = new Map<RunnableStep, Promise<string>>();
  readonly #troubles: CacheTroubles;

  /** @param patient - Whether a cell may wait for another that is making the result it needs. */
  constructor(
    run: ActiveRun,
    cache: StepCache,
    resources: StepResources,
    experiment: ResolvedExperiment,
    patient: boolean,
  ) {
    this.#run = run;
    this.#experiment = experiment;
    this.#steps = new CachedSteps(cache);
    this.#resources = resources;
    this.#setup = { seed: run.seed, initialContext: experiment.initialContext };
    this.#patient = patient;
    this.#troubles = new CacheTroubles(run);
  }

  /** Looks for what the step did before; where it has to run, others that need the same may wait for it. */
  async look(step: RunnableStep, cell: Cell, params: StepParams, data: unknown): Promise<StepLookup> {
    let key: string;
    try {
      key = stepKey({ name: step.name, code: await this.#codeOf(step), params: params.values, data });
    } catch (error) {
      this.#troubles.notKept(step.name, error);
      return NOT_CACHED;
    }
    const waited = new Set<string>();
    for (;;) {
      const { ended } = this.#flights;
      const found = await this.#find(step, cell, key);
      const hit = found.step && (await placeStep(found.step, step.name, cell, this.#steps, this.#troubles));
      if (hit) return { ...NOT_CACHED, hit };
      const { likeness } = found;
      const flight = this.#flights.of(likeness);
      // Once only: if that one has failed, all who waited for it go on at once.
      if (this.#patient && flight && !waited.has(likeness)) await flight;
      // One may have ended between the search and here.
      else if (!this.#patient || this.#flights.ended === ended || waited.has(likeness)) {
        return this.#miss(step, cell, key, found);
      }
      waited.add(likeness);
    }
  }

  #miss(step: RunnableStep, cell: Cell, key: string, { known, likeness }: Found): StepLookup {
    return {
      hit: undefined,
      keep: (scope, output) => this.#keep(step, cell, key, known, scope, output),
      end: this.#flights.begin(likeness),
    };
  }

  async #find(step: RunnableStep, cell: Cell, key: string): Promise<Found> {
    try {
      const found = await this.#steps.find(key, cell, this.#setup);
      if (found.damaged) this.#troubles.damaged(step.name);
      return found;
    } catch (error) {
      this.#troubles.failed('read', error);
      return { step: undefined, damaged: false, known: new Set(), likeness: key };
    }
  }

  async #keep(
    step: RunnableStep,
    cell: Cell,
    key: string,
    known: ReadonlySet<string>,
    scope: TrackedScope,
    output: unknown,
  ): Promise<void> {
    let sealed: SealedEntry;
    try {
      sealed = this.#seal(step, cell, key, scope, output);
    } catch (error) {
      this.#troubles.notKept(step.name, error);
      return;
    }
    try {
      for (const record of scope.stored) {
        const { replicate, condition } = cell;
        const file = cell.sink.open({ replicate, condition, step: record.step, name: record.name }, record);
        await this.#steps.keepBytes(record.sha256, file.stream());
      }
      await this.#steps.keep(key, sealed, known);
    } catch (error) {
      this.#troubles.failed('write', error);
    }
  }

  #seal(step: RunnableStep, cell: Cell, key: string, scope: TrackedScope, output: unknown): SealedEntry {
    const noted = new Map(scope.noted().map(({ read, value }) => [read, value]));
    for (const read of this.#resources.readsOf(step)) noted.set(read, valueOfRead(read, cell, this.#setup));
    const reads = readSet(noted.keys());
    const entry = entryKey(
      key,
      reads,
      reads.map((read) => noted.get(read) ?? ''),
    );
    this.#refuseSecret(output, `the output of '${step.name}'`);
    for (const [kind, name, value] of scope.uses)
      if (kind === 'add') this.#refuseSecret(value, `ctx.add('${name}')`, name);
    const done = { output, uses: scope.uses, metrics: scope.recorded, artifacts: scope.stored };
    return { reads, key: entry, entry: seal(encodeCachedStep(entry, done)) };
  }

  /** What is kept must be all of it, and secrets are never stored. */
  #refuseSecret(value: unknown, where: string, key?: string): void {
    if (Object.is(this.#run.redactor.value(value, key), value)) return;
    throw new UnsupportedValueError(
      where,
      'a secret, or a text under a name that looks like a credential, which is never stored',
      'Pass it on by a param or by initialContext.',
    );
  }

  #codeOf(step: RunnableStep): Promise<string> {
    const known = this.#codes.get(step);
    if (known) return known;
    const code = stepCode(step, this.#experiment);
    this.#codes.set(step, code);
    return code;
  }
}

const NOT_CACHED: StepLookup = { hit: undefined, keep: async () => {}, end: () => {} };
