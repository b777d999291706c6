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
  await prepared;
  await lane.serve(modules);
}

/** What comes before the user's modules, once. */
async function prepare({ argv, description }: LaneTask): Promise<void> {
  process.argv = [...argv];
  const { setup } = descriptionFromText(description);
  if (!setup) return;
  const namespace = (await import(setup.url)) as Readonly<Record<string, unknown>>;
  const call = setup.export === undefined ? undefined : namespace[setup.export];
  if (typeof call === 'function') await call(...(setup.args ?? []));
}
