import { ArtifactPlugin, fsStore, openRuns } from '@crystallize/artifacts';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { scaling } from '../plugin/scaling.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { Crew, rounds } from './crew.ts';
import { isStopped } from './is-stopped.ts';

/** Longer than a run may think that it holds its lock without asking. */
const lease = 750;
const until = { timeout: 10_000, interval: 1 };
const replicates = 20;
/** Of the run that is stopped. */
const cells = 100;
/** Cells that have ended when it is stopped; 0: none is committed, so that an older run is still in place. */
const stops = fc.integer({ min: 0, max: cells });
const wakes = fc.integer({ min: 1, max: 2 * replicates });

it.skipIf(process.platform === 'win32').each([
  ['no older run', 0],
  ['an older run', 1],
])(
  'a run that was stopped past its lease, where there was %s, is refused, and that which took over is whole',
  async (_before, older) => {
    using folder = temporaryFolder();
    await using crew = new Crew(1, 'run.ts', folder.path, String(lease));
    const store = fsStore(folder.path, { durability: 'process', lease });
    const ends: [stopAt: number, wakeAt: number][] = [
      [0, 5],
      [cells, 5],
    ];
    const moments = [...ends, ...fc.sample(fc.tuple(stops, wakes), rounds(3))];
    for (const [number, [stopAt, wakeAt]] of moments.entries()) {
      const name = `run-${number}`;
      const where = `stopped after ${stopAt} cells, woken at ${wakeAt}`;
      for (let count = 0; count < older; count += 1)
        await scaling(new ArtifactPlugin({ store }), { name, replicates: 3 }).run();
      crew.tell(`${name} ${stopAt}`);
      await vi.waitFor(() => expect(isStopped(crew.pids[0])).toBe(true), until);
      const result = await scaling(new ArtifactPlugin({ store }), { name, replicates }).run({
        onEvent: (event) => event.type === 'cell:end' && event.ended === wakeAt && crew.kill('SIGCONT'),
      });
      expect(await crew.lines(), where).toEqual(['STORAGE_FAILED']);
      const [version, ...more] = await openRuns({ store }).experiment(name).versions();
      expect(more).toEqual([]);
      expect(version?.finished, where).toBe(true);
      expect((await version?.metadata())?.replicates, where).toBe(replicates);
      expect(await version?.cells(), where).toHaveLength(2 * replicates);
      const artifacts = (await version?.artifacts()) ?? [];
      expect(artifacts, where).toHaveLength(2 * replicates);
      for (const artifact of artifacts) await artifact.bytes();
      expect(await version?.metrics('double'), where).toEqual({ ...result.treatments['double']?.metrics });
    }
  },
  120_000,
);
