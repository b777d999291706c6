import { CrystallizeError } from '../errors/crystallize-error.ts';
import { messageOf } from '../errors/message-of.ts';
import { descriptionFromText } from './description-text.ts';
import type { LaneTask } from './messages.ts';
import { replayRole } from './replay-role.ts';
import { ServedLane } from './serve-lane.ts';
import { WorkerModules } from './worker-modules.ts';
import { becomeWorker } from './worker-role.ts';

const modules = new WorkerModules();
let prepared: Promise<void> | undefined;

/** The one task of a worker at a time; tinypool calls it. */
export async function serveLane(task: LaneTask): Promise<void> {
  const lane = new ServedLane(task);
  becomeWorker(replayRole(modules, lane.asks));
  prepared ??= prepare(task);
  await lane.serve(modules, prepared);
}

/** What comes before the user's modules, once. */
async function prepare({ argv, description }: LaneTask): Promise<void> {
  process.argv = [...argv];
  const { setup } = descriptionFromText(description);
  if (!setup) return;
  const { url, export: name, args = [] } = setup;
  try {
    const namespace = (await import(url)) as Readonly<Record<string, unknown>>;
    const call = name === undefined ? undefined : namespace[name];
    if (typeof call === 'function') await call(...args);
  } catch (cause) {
    throw new CrystallizeError(
      'EXPERIMENT_NOT_REBUILT',
      `A worker could not be set up as this process is: ${url} failed there: ${messageOf(cause)}`,
      { cause },
    );
  }
}
