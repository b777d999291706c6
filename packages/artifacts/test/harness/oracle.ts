import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fsStore, memoryStore, openRuns } from '@crystallize/artifacts';
import { type Observation, observe } from './observation.ts';
import { probe } from './probe-experiment.ts';

/** How the probe's run is stored when nothing happens. */
export async function uninterrupted(versioned: boolean, replicates: number): Promise<Observation> {
  const store = memoryStore();
  await probe({ store, versioned, replicates }).run();
  const [observation] = await observe(store);
  if (!observation) throw new Error('The probe has stored nothing.');
  return observation;
}

/** Throws when a cell was begun again after it had been told that it is done. */
export function checkOracle(oracle: string): void {
  const done = new Set<string>();
  for (const [what, cell] of linesOf(oracle)) {
    if (what === 'done') done.add(cell);
    else strictEqual(done.has(cell), false, `${cell} was begun again, although it was done`);
  }
}

/** Throws when what was told to be done is not there, or when anything is there that is wrong. */
export async function checkStored(root: string, oracle: string, expected: Observation): Promise<void> {
  const found: Record<string, string> = {};
  for (const { cells } of await observe(fsStore(root))) Object.assign(found, cells);
  for (const [what, cell] of linesOf(oracle)) {
    if (what === 'done') strictEqual(found[cell], expected.cells[cell], `${cell} was told to be done`);
  }
  for (const cell of Object.keys(found)) strictEqual(found[cell], expected.cells[cell], `${cell} is stored`);
}

/** Throws when a run that has come to its end is stored otherwise than one that nothing happened to. */
export async function checkComplete(root: string, expected: Observation): Promise<void> {
  const store = fsStore(root);
  const found = (await observe(store)).map(({ cells, files, finished }) => ({ cells, files, finished }));
  deepStrictEqual(found, [{ cells: expected.cells, files: expected.files, finished: true }]);
  deepStrictEqual((await openRuns({ store }).verify()).faults, []);
}

/** How many cells were told to be done. */
export function countDone(oracle: string): number {
  return linesOf(oracle).filter(([what]) => what === 'done').length;
}

function linesOf(oracle: string): (readonly [what: string, cell: string])[] {
  if (!existsSync(oracle)) return [];
  const lines = readFileSync(oracle, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]);
}
