import { isPlainObject } from '../context/freeze.ts';
import { isSecret } from '../context/secret.ts';
import { configuredSetup } from '../definition/configure-runs.ts';
import type { Treatment } from '../definition/treatment.ts';
import { ExperimentNotRebuiltError } from '../errors/worker-errors.ts';
import type { GivenTreatment, ModuleCall, RunDescription } from '../plugin/records.ts';
import { encodeValue } from '../storage/values.ts';
import { workerEntry } from '../worker/entry-url.ts';
import type { OpenedRun } from './run-cells.ts';

/** @internal A run as plain data. @throws ExperimentNotRebuiltError when no other process could make it. */
export async function describeRun(opened: OpenedRun): Promise<RunDescription> {
  const { experiment, run, plan, conditions, prepared, shared } = opened;
  const setup = configuredSetup();
  const data = [...conditions].map(([name, condition]) => [name, prepared.data.get(condition.datasource)]);
  return {
    id: run.id,
    origin: run.origin,
    purpose: run.purpose,
    strategy: run.strategy,
    experiment: experiment.info,
    module: moduleOf(opened),
    ordinal: experiment.ordinal,
    entry: workerEntry(),
    ...(setup ? { setup } : {}),
    seed: run.seed,
    replicates: run.replicates,
    conditions: run.conditions,
    inherited: [...plan.inherited],
    treatments: givenTreatments(opened),
    definition: await run.definition(),
    inputs: run.inputs,
    prepared: Object.fromEntries(data),
    shared,
    ...(run.version === undefined ? {} : { version: run.version }),
    ...(run.dir === undefined ? {} : { dir: run.dir }),
    startedAt: run.startedAt.getTime(),
    ...(plan.timeout === undefined ? {} : { timeout: plan.timeout }),
  };
}

function moduleOf({ experiment }: OpenedRun): ModuleCall {
  if (experiment.moduleCall) return experiment.moduleCall;
  throw new ExperimentNotRebuiltError(
    experiment.info.directory,
    'no file constructed it, as under node --eval, from standard input or from a data: URL.',
  );
}

/** Those that a worker will not find in the module, by value. */
function givenTreatments({ experiment, plan }: OpenedRun): readonly GivenTreatment[] {
  const given: GivenTreatment[] = [];
  for (const [name, treatment] of plan.treatments) {
    if (!treatment || experiment.treatments.includes(treatment)) continue;
    const reason = whyNotByValue(treatment);
    if (reason === undefined) given.push({ name, values: treatment.values ?? {} });
    // An inherited one is also found where the upstream experiment has it.
    else if (!plan.inherited.has(name)) {
      throw new ExperimentNotRebuiltError(
        experiment.info.directory,
        `the treatment '${name}' was given to run() itself, and ${reason}, which can't be sent to a worker. Declare it in the experiment, and name it in run({ treatments: ['${name}'] }).`,
      );
    }
  }
  return given;
}

function whyNotByValue({ apply, datasource, values }: Treatment): string | undefined {
  if (apply) return 'is a function';
  if (datasource) return 'has a datasource of its own';
  if (holdsSecret(values)) return 'holds a secret';
  try {
    encodeValue(values);
  } catch (error) {
    return `holds what is no plain data (${(error as Error).message})`;
  }
  return undefined;
}

function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isPlainObject(value) && Object.values(value).some(holdsSecret);
}
