import { keyOfMaking } from '../definition/made-experiments.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { ExperimentNotRebuiltError } from '../errors/worker-errors.ts';
import { resolvedOf } from '../experiment/experiment.ts';
import { messageOf } from '../plugin/error-record.ts';
import type { RunDescription } from '../plugin/records.ts';
import type { WorkerModules } from './worker-modules.ts';

/**
 * @internal Makes the experiment of a run in this worker: imports its module, which constructs it.
 * @throws ExperimentNotRebuiltError with the reason.
 */
export async function rebuildExperiment(
  description: RunDescription,
  modules: WorkerModules,
): Promise<ResolvedExperiment> {
  const { module, experiment, ordinal } = description;
  const name = experiment.directory;
  const key = keyOfMaking({ module, directory: name, id: experiment.id });
  const find = () => modules.constructed.get(key)?.[ordinal];
  if (module.export !== undefined) return makeByExport(description, modules, find);
  const imported = modules.import(module.url);
  const waiting = await modules.untilQuiet(imported, () => find() !== undefined);
  if (waiting.status === 'failed') {
    throw new ExperimentNotRebuiltError(
      name,
      `importing ${module.url} failed there: ${messageOf(waiting.error)}`,
      { cause: waiting.error },
    );
  }
  const found = find();
  if (found) return found;
  throw new ExperimentNotRebuiltError(name, whyNotFound(description, modules, waiting.status === 'pending'));
}

async function makeByExport(
  { module, experiment }: RunDescription,
  modules: WorkerModules,
  find: () => ResolvedExperiment | undefined,
): Promise<ResolvedExperiment> {
  const name = experiment.directory;
  const imported = modules.import(module.url);
  const waiting = await modules.untilQuiet(imported, () => find() !== undefined);
  if (waiting.status === 'pending') {
    // The exports of a module can't be had before its top level has ended; but it may have made it there.
    const found = find();
    if (found) return found;
    throw new ExperimentNotRebuiltError(
      name,
      `importing ${module.url} waits for ${modules.stuckAt ?? 'something'} so that its export ${module.export} can't be called. Make the call under if (import.meta.main), or in another module.`,
    );
  }
  const call = `${module.export} of ${module.url}`;
  let made: unknown;
  try {
    const namespace = (await imported) as Readonly<Record<string, unknown>>;
    const make = namespace[module.export as string];
    if (typeof make !== 'function')
      throw new TypeError(
        `there is no exported function '${module.export}'; exports are: ${Object.keys(namespace).join(', ') || 'none'}`,
      );
    made = await make(...(module.args ?? []));
  } catch (cause) {
    throw new ExperimentNotRebuiltError(
      name,
      `calling the export ${call} failed there: ${messageOf(cause)}.`,
      {
        cause,
      },
    );
  }
  const candidates = isPlainList(made) ? made : [made];
  for (const candidate of candidates) {
    const resolved = typeof candidate === 'object' && candidate ? resolvedOf(candidate) : undefined;
    if (resolved?.info.directory === name) return resolved;
  }
  throw new ExperimentNotRebuiltError(
    name,
    `the export ${call} gave no experiment '${name}'. It has to return the experiment, or a list with it.`,
  );
}

function isPlainList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function whyNotFound(
  { module, experiment, ordinal }: RunDescription,
  modules: WorkerModules,
  pending: boolean,
): string {
  const made = [...modules.constructed.values()].flat();
  const equal = made.filter(
    ({ info, moduleCall }) => info.directory === experiment.directory && moduleCall?.url === module.url,
  );
  const [other] = equal;
  if (other && equal.every(({ info }) => info.id !== experiment.id)) {
    return `importing ${module.url} constructs one of this name with another pipeline (id ${other.info.id.slice(0, 12)}, expected ${experiment.id.slice(0, 12)}).`;
  }
  if (pending && modules.stuckAt !== undefined) {
    return `importing ${module.url} waits for ${modules.stuckAt} and had not constructed the experiment before.`;
  }
  if (equal.length > 0 && ordinal >= equal.length) {
    return `it is the ${ordinal + 1}. experiment of this name that the main process constructed, and importing ${module.url} constructs ${equal.length}.`;
  }
  const names = [...new Set(made.map(({ info }) => `'${info.directory}'`))].join(', ');
  return `importing ${module.url} constructs ${names === '' ? 'no experiment' : `only ${names}`}: it was made in a callback, under if (import.meta.main), or under a name that differs each time.`;
}
