import { isDeepStrictEqual } from 'node:util';
import { type ArtifactStore, fsStore, openRuns, type SavedVersion } from '@crystallize/artifacts';
import { type FileSystem, loadCellLogs } from '@crystallize/core/storage';
import { expect } from 'vitest';
import { filesOf } from './disk-node.ts';
import { type Flow, type Session, silentSession } from './flow.ts';
import { diskRoot, MemoryDisk } from './memory-disk.ts';
import { type Observation, observe, observeCells } from './observation.ts';
import { checkVerified } from './verification.ts';

/** Where flows keep their runs: in a folder that is made by them. */
export const storeRoot: string = `${diskRoot}/store`;

/** What a flow told to be done until it broke off. */
export interface Promises {
  /** By cell: its status. */
  readonly cells: ReadonlyMap<string, string>;
  /** Whether any of them was told by `act`, not by a recovery from it. */
  readonly byAct: boolean;
  /** Whether `act` had ended. */
  readonly ended: boolean;
}

/** How stored runs look when nothing went wrong. */
export interface Expectation {
  /** When `act` has ended. */
  readonly acted: readonly Observation[];
  /** When `recover` came after it. */
  readonly recovered: readonly Observation[];
  /** When `recover` came instead of it. */
  readonly instead: readonly Observation[];
  /** What artifacts of the flow may hold. */
  readonly contents: ReadonlySet<string>;
  /** The disk as `arrange` leaves it. */
  readonly arranged: MemoryDisk;
}

/** Runs a flow without any trouble. */
export async function expectationOf(flow: Flow): Promise<Expectation> {
  const arranged = new MemoryDisk();
  await flow.arrange?.(silentSession(fsStore(storeRoot, { fs: arranged })));
  const disk = arranged.clone();
  const session = silentSession(fsStore(storeRoot, { fs: disk }));
  await flow.act(session);
  const acted = await observe(session.store);
  await flow.recover(session);
  const recovered = await observe(session.store);
  const other = silentSession(fsStore(storeRoot, { fs: arranged.clone() }));
  const contents = new Set<string>();
  for (const left of [arranged, disk]) {
    for (const [path, { bytes }] of filesOf(left.root)) {
      if (artifactNames.some((name) => path.endsWith(`/${name}`)))
        contents.add(Buffer.from(bytes).toString('latin1'));
    }
  }
  await flow.recover(other);
  return { acted, recovered, instead: await observe(other.store), contents, arranged };
}

/**
 * Finds out whether a disk still holds all that was promised, recovers, and compares with what would be
 * there had nothing happened. Throws where it differs.
 */
export async function checkRecovery(
  flow: Flow,
  expectation: Expectation,
  fs: FileSystem,
  promises: Promises,
): Promise<void> {
  await checkReader(flow, expectation, fs, promises);
  const executed: string[] = [];
  const session: Session = {
    store: fsStore(storeRoot, { fs }),
    onCell: () => undefined,
    onExecute: (cell) => executed.push(cell),
  };
  await flow.recover(session);
  const again = executed.filter((cell) => promises.cells.get(cell) === 'done' || flow.kept?.includes(cell));
  expect(again, 'cells that were done and were run again').toEqual([]);
  // The older run is given up for at least one cell of the new one.
  const all = expectation.recovered.flatMap(({ cells }) => Object.keys(cells)).length;
  if (flow.replaces) expect(executed.length, 'cells, of which neither run had any').toBeLessThan(all);
  const found = await observe(session.store);
  const possible = [expectation.recovered];
  if (!promises.byAct && !promises.ended) possible.push(expectation.instead);
  if (!possible.some((one) => isDeepStrictEqual(lasting(one), lasting(found))))
    expect(lasting(found), 'after recovery').toEqual(lasting(expectation.recovered));
  // What cells that broke off have left is put aside, too.
  const putAside = supersededIn(promises.ended ? expectation.recovered : expectation.acted);
  await checkVerified(session.store);
  expect(supersededIn(found), 'put aside').toEqual(expect.arrayContaining([...putAside]));
  expect(await session.store.children('probe/.crystallize/aside'), 'left aside').toEqual([]);
}

/** What is the same however often a run broke off. */
function lasting(observations: readonly Observation[]): readonly unknown[] {
  return observations.map(({ finished, ended, cells, files }) => ({ finished, ended, cells, files }));
}

function supersededIn(observations: readonly Observation[]): readonly string[] {
  return observations.flatMap(({ superseded }) => superseded);
}

/** What a reader finds before anything is recovered. */
async function checkReader(
  flow: Flow,
  expectation: Expectation,
  fs: FileSystem,
  promises: Promises,
): Promise<void> {
  const store = fsStore(storeRoot, { fs });
  await checkWholeness(store, expectation);
  if (promises.ended) {
    const found = await observe(store);
    if (!isDeepStrictEqual(found, expectation.acted))
      expect(found, 'after the end').toEqual(expectation.acted);
    return;
  }
  // While one run takes the place of another, a reader may find the older one half aside.
  if (flow.replaces && promises.cells.size === 0) return;
  const newest: Record<string, string> = {};
  for (const version of await openRuns({ store }).experiment('probe').versions()) {
    const cells = await observeCells(store, version);
    Object.assign(newest, cells);
    await checkMarkers(store, version, Object.keys(cells).length);
  }
  const right = Object.assign({}, ...expectation.acted.map(({ cells }) => cells)) as Record<string, string>;
  for (const cell of promises.cells.keys())
    expect(newest[cell], `the promised cell ${cell}`).toEqual(right[cell]);
}

/** Every file that has its own name is whole. */
async function checkWholeness(store: ArtifactStore, { contents }: Expectation): Promise<void> {
  for await (const { key } of store.list('probe')) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    if (name === 'lock' || name.endsWith('.log') || name === '.crystallize_complete') continue;
    const text = Buffer.from((await store.get(key)) ?? []).toString('latin1');
    if (artifactNames.includes(name)) expect(contents.has(text), `${key} is whole`).toBe(true);
    else expect(() => JSON.parse(text), `${key} is whole`).not.toThrow();
  }
}

const artifactNames = ['model.json', 'report.bin'];

/** What says that something is complete is there only when it is. */
async function checkMarkers(store: ArtifactStore, version: SavedVersion, cells: number): Promise<void> {
  if (version.finished) {
    const metadata = await version.metadata();
    // It also tells of what earlier sessions asked for, of which cells may have been superseded since.
    const { sessions } = (await loadCellLogs(store, 'probe', version.version)) ?? { sessions: [] };
    const writer = sessions.find(({ run }) => run === metadata?.['run']);
    const asked = writer ? writer.replicates * writer.conditions.length : Infinity;
    expect(cells, 'cells of a finished version').toBeGreaterThanOrEqual(asked);
    const conditions = new Set((await version.cells()).map(({ condition }) => condition));
    expect(new Set(metadata?.['conditions'] as readonly string[]), 'conditions with cells').toEqual(
      conditions,
    );
  }
  const records = await version.cells();
  for (const condition of await version.conditions()) {
    const folder = `probe/v${version.version}/${condition}`;
    if ((await store.size(`${folder}/.crystallize_complete`)) === undefined) continue;
    expect(await store.size(`${folder}/results.json`), `${condition}'s results`).toBeGreaterThan(0);
    const failed = records.filter((cell) => cell.condition === condition && cell.status !== 'done');
    expect(failed, `failed cells of ${condition}, which is marked as complete`).toEqual([]);
  }
}
