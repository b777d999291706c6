import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { type Accepted, CrystallizeError, ResumeMismatchError, treatment } from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../plugin/temp-folder.ts';
import { readTree } from '../plugin/tree.ts';
import { type CountedOptions, counted } from './counted.ts';

type Change = Omit<CountedOptions, 'plugin'>;

const changes: readonly [what: string, kind: Accepted, change: Change, message: RegExp][] = [
  ['a default of a step', 'params', { power: 2 }, /The params of the step 'add' have changed/],
  ['initialContext', 'params', { initialContext: { by: 4 } }, /initialContext have changed/],
  ['the datasource', 'datasource', { base: 20 }, /The datasource, or the data that it serves, has changed/],
  ['the seed', 'seed', { seed: 8 }, /Its seed was 7, and would now be 8/],
  ['the steps', 'code', { steps: 'add and square' }, /Its steps were 'add', and are now 'add', 'square'/],
];

describe.each(changes)('a resume after a change of %s', (_, kind, change, message) => {
  it('is refused with the difference and the ways on, and leaves no trace', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    await counted({ plugin, replicates: 2 }).experiment.run();
    const before = await readTree(folder.path);
    const changed = counted({ plugin, replicates: 3, ...change });
    const error = await changed.experiment.run({ strategy: 'resume' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResumeMismatchError);
    const { differences, message: text, code } = error as ResumeMismatchError;
    expect([code, differences.map((difference) => difference.kind)]).toEqual(['RESUME_MISMATCH', [kind]]);
    expect(text).toMatch(message);
    expect(text).toContain(`accept: ['${kind}']`);
    expect(changed.began).toEqual([]);
    expect(await readTree(folder.path)).toEqual(before);
    const others = (['code', 'params', 'datasource', 'seed', 'inputs'] as const).filter(
      (other) => other !== kind,
    );
    await expect(changed.experiment.run({ strategy: 'resume', accept: others })).rejects.toBeInstanceOf(
      ResumeMismatchError,
    );
  });

  it('goes on when that is accepted, which stays visible for ever', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    await counted({ plugin, replicates: 2 }).experiment.run();
    const { experiment, began } = counted({ plugin, replicates: 3, ...change });
    const resumed = await experiment.run({ strategy: 'resume', accept: [kind] });
    expect([began.toSorted(), resumed.restored]).toEqual([['2 baseline', '2 double'], 4]);
    expect(resumed.accepted).toEqual([expect.stringMatching(message)]);
    expect(resumed.warnings.join('\n')).toMatch(message);
    const later = await experiment.run({ strategy: 'resume' });
    expect([later.executed, later.accepted]).toEqual([0, resumed.accepted]);
    expect((later.toJSON() as { accepted: unknown }).accepted).toEqual(resumed.accepted);
  });

  it('is explained cell by cell, whether or not it is accepted', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    await counted({ plugin, replicates: 2 }).experiment.run();
    const before = await readTree(folder.path);
    const { experiment, began } = counted({ plugin, replicates: 3, ...change });
    const plan = await experiment.explain();
    expect(plan.differences).toEqual([{ kind, message: expect.stringMatching(message), accepted: false }]);
    expect([plan.version, plan.restored, plan.missing]).toEqual([0, 4, 2]);
    expect(plan.cells.map(({ action }) => action)).toEqual([...Array(4).fill('restore'), 'run', 'run']);
    expect((await experiment.explain({ accept: [kind] })).differences[0]?.accepted).toBe(true);
    expect(await readTree(folder.path)).toEqual(before);
    expect(began).toEqual([]);
  });
});

describe('a treatment that has changed', () => {
  it('has its cells run again, and no others', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    const both = (by: number) => [treatment('double', { by }), treatment('triple', { by: 3 })];
    await counted({ plugin, treatments: both(2) }).experiment.run();
    const changed = counted({ plugin, treatments: both(4) });
    const plan = await changed.experiment.explain();
    expect(plan.cells.filter(({ action }) => action === 'run')).toMatchObject(
      [0, 1, 2].map((replicate) => ({
        replicate,
        condition: 'double',
        reason: "the treatment 'double' has changed",
      })),
    );
    const resumed = await changed.experiment.run({ strategy: 'resume' });
    expect(new Set(changed.began)).toEqual(new Set(['0 double', '1 double', '2 double']));
    expect(resumed.accepted).toEqual([]);
  });

  it('is told from one that only reads otherwise', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    const first = treatment('double', (ctx) => ctx.add('by', 2));
    const reformatted = treatment('double', (ctx) => /* twice */ ctx.add('by', 2));
    const other = treatment('double', (ctx) => ctx.add('by', 3));
    await counted({ plugin, treatments: [first] }).experiment.run();
    expect((await counted({ plugin, treatments: [reformatted] }).experiment.explain()).missing).toBe(0);
    expect((await counted({ plugin, treatments: [other] }).experiment.explain()).missing).toBe(3);
  });

  it('of which a resume was killed half-way is run to its end, not mixed', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path });
    await counted({ plugin }).experiment.run();
    const changed = counted({ plugin, treatments: [treatment('double', { by: 9 })] });
    const abort = changed.abortAfter(1);
    await expect(changed.experiment.run({ strategy: 'resume', ...abort.options })).rejects.toBe(abort.reason);
    const resumed = await changed.experiment.run({ strategy: 'resume' });
    expect(resumed.treatments['double']?.cells.map(({ metrics }) => metrics[0]?.tags)).toEqual(
      Array(3).fill({ by: 9 }),
    );
    expect(changed.began.toSorted()).toEqual(['0 double', '1 double', '2 double']);
  });
});

describe('what explain says of each cell', () => {
  it('is one reason', async () => {
    await using folder = await tempFolder();
    const plugin = new ArtifactPlugin({ rootDir: folder.path, versioned: true });
    const { experiment } = counted({
      plugin,
      inCell: ({ replicate, condition }) => {
        if (replicate === 1 && condition === 'double') throw new Error('no luck\nat all');
      },
    });
    const nothing = await experiment.explain();
    expect([nothing.version, nothing.missing]).toEqual([undefined, 6]);
    expect(nothing.cells[0]?.reason).toBe('nothing is stored to go on with');
    await experiment.run({ replicates: 2 });
    const plan = await experiment.explain();
    expect(
      [...plan].map(
        ({ replicate, condition, action, reason }) => `${replicate} ${condition}: ${action}, ${reason}`,
      ),
    ).toEqual([
      '0 baseline: restore, done in v0',
      '0 double: restore, done in v0',
      '1 baseline: restore, done in v0',
      '1 double: run, it failed: no luck',
      '2 baseline: run, never ran to its end',
      '2 double: run, never ran to its end',
    ]);
    const rerun = await experiment.explain({ strategy: 'rerun' });
    expect([rerun.missing, rerun.cells[0]?.reason]).toEqual([6, "the strategy is 'rerun'"]);
    const { rootDir } = plugin;
    expect(await openRuns({ rootDir }).experiment('counted').versions()).toHaveLength(1);
  });

  it('takes the options of run(), and refuses wrong ones', async () => {
    await using folder = await tempFolder();
    const { experiment } = counted({ plugin: new ArtifactPlugin({ rootDir: folder.path }) });
    await expect(experiment.run({ accept: ['code'] })).rejects.toThrow(/Add strategy: 'resume'/);
    await expect(experiment.run({ version: 0 })).rejects.toThrow(/Add strategy: 'resume'/);
    await expect(experiment.run({ strategy: 'resume', version: -1 })).rejects.toThrow(
      /a whole number from 0/,
    );
    const accept = ['everything'] as unknown as Accepted[];
    await expect(experiment.run({ strategy: 'resume', accept })).rejects.toThrow(/was given 'everything'/);
    expect(await experiment.explain({ accept }).catch((error: unknown) => error)).toBeInstanceOf(
      CrystallizeError,
    );
  });
});
