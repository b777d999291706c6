import { artifactKey } from '@crystallize/core/storage';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { RunPlace } from '../../src/artifact-plugin/run-place.ts';
import { StoreSink } from '../../src/artifact-plugin/store-sink.ts';
import { bytesOf, textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { cellCount, cellOf } from './children/cells.ts';
import { Crew, rounds } from './crew.ts';
import { isStopped } from './is-stopped.ts';

const lease = 150;
const until = { timeout: 10_000, interval: 1 };
const cells = Array.from({ length: cellCount }, (_, cell) => cell);

/** What became of one round. */
interface Outcome {
  /** The cells whose bytes are not the winner's. */
  readonly replaced: readonly number[];
  /** How many writes of the stopped process the store took after the winner was done. */
  readonly taken: number;
  /** Whether the stopped process was told that it had lost its lock. */
  readonly lost: boolean;
}

/**
 * A process works at a run and is stopped; this one takes over when no sign of life came for the lease,
 * and the other goes on while this one writes.
 *
 * @param appends - How many appends the other has made when it is stopped.
 */
async function round(root: string, crew: Crew, directory: string, appends: number): Promise<Outcome> {
  const store = fsStore(root, { durability: 'process', lease });
  crew.tell(directory);
  expect(await crew.lines()).toEqual(['working']);
  await vi.waitFor(async () => {
    const log = await store.readLog(`${directory}/stopped.log`);
    expect(log?.length ?? 0).toBeGreaterThan(27 * appends);
  }, until);
  crew.kill('SIGSTOP');
  await vi.waitFor(() => expect(isStopped(crew.pids[0])).toBe(true), until);

  const lock = await store.lock(`${directory}/lock`);
  const place = new RunPlace(store, { run: 'winner', directory, version: 0, replaces: false });
  const sink = new StoreSink(store, place, () => lock.isHeld());
  const log = await store.createLog(`${directory}/winner.log`);
  const write = async (cell: number): Promise<void> => {
    await sink.write(cellOf(cell), bytesOf(`winner ${cell}`));
    await log.append(bytesOf(`${cell} `));
  };
  const half = cellCount / 2;
  for (const cell of cells.slice(0, half)) await write(cell);
  crew.kill('SIGCONT');
  for (const cell of cells.slice(half)) await write(cell);
  expect(await crew.lines()).toEqual(['noticed']);
  crew.tell('the winner is done');
  const { taken, lost } = JSON.parse((await crew.lines())[0] ?? '') as Pick<Outcome, 'taken' | 'lost'>;

  expect(await lock.isHeld()).toBe(true);
  await log.close();
  expect(textOf(await store.readLog(`${directory}/winner.log`))).toBe(`${cells.join(' ')} `);
  await lock.release();
  const replaced: number[] = [];
  for (const cell of cells) {
    const text = textOf(await store.get(artifactKey(directory, 0, cellOf(cell))));
    if (text !== `winner ${cell}`) replaced.push(cell);
  }
  return { replaced, taken, lost };
}

it.skipIf(process.platform === 'win32')(
  'a process that was stopped past its lease replaces nothing of what the one that took over wrote',
  async () => {
    using folder = temporaryFolder();
    await using crew = new Crew(1, 'work.ts', folder.path, String(lease));
    const moments = fc.sample(fc.integer({ min: 0, max: 60 }), rounds(20));
    for (const [number, appends] of moments.entries()) {
      const outcome = await round(folder.path, crew, `run-${number}`, appends);
      expect(outcome, `stopped after ${appends} appends`).toEqual({ replaced: [], taken: 0, lost: true });
    }
  },
  120_000,
);

it.skipIf(process.platform === 'win32')(
  'one that replaces what is there without asking is found',
  async () => {
    using folder = temporaryFolder();
    await using crew = new Crew(1, 'work.ts', folder.path, String(lease), 'naive');
    const { replaced } = await round(folder.path, crew, 'run', 3);
    expect(replaced).toEqual(cells);
  },
);
