import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, pipelineStep } from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../plugin/temp-folder.ts';
import { readTree } from '../plugin/tree.ts';

const fixture = fileURLToPath(new URL('../fixtures/python-0.27/', import.meta.url));
const NAME = 'python-producer';

/** The Python experiment, told in TypeScript; notes the cells that run. */
function retold(rootDir: string, replicates: number) {
  const ran: string[] = [];
  const rows = new Artifact('rows.csv');
  const scale = pipelineStep({
    name: 'ScaleStep',
    params: { factor: 1 },
    async run(value: number, ctx, { factor }) {
      ran.push(`${ctx.replicate} ${ctx.condition}`);
      await ctx.write(rows, 'x\n1\n');
      ctx.record('total', value * factor);
      return value;
    },
  });
  const experiment = new Experiment({
    name: NAME,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [scale()],
    treatments: { double: { factor: 2 }, half: { factor: 0.5 } },
    plugins: [new ArtifactPlugin({ rootDir, versioned: true, artifactRetention: 0 })],
    replicates,
    seed: 123,
  });
  return { experiment, ran };
}

describe('a run of Crystallize for Python that is resumed', () => {
  it('is restored whole, which leaves no trace, and says that nothing could be compared', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    const before = await readTree(folder.path);
    const { experiment, ran } = retold(folder.path, 3);
    const resumed = await experiment.run({ strategy: 'resume', version: 0 });
    expect([ran, resumed.restored, resumed.executed, resumed.version]).toEqual([[], 9, 0, 0]);
    expect(resumed.baseline.metrics).toEqual({
      total: [4, 5, 6],
      seed: [123, 31460, 62797],
      odd: [0.25, Number.NaN, 0.25],
    });
    expect(resumed.warnings.join()).toMatch(/carries no fingerprint/);
    const file = resumed.artifact('rows.csv', { condition: 'half', replicate: 2 });
    expect(await file?.text()).toBe(
      await readFile(join(fixture, NAME, 'v0/replicate_2/half/WriteCsvStep/rows.csv'), 'utf8'),
    );
    expect(await readTree(folder.path)).toEqual(before);
  });

  it('runs the conditions whose marker is missing, and keeps the others', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    await rm(join(folder.path, NAME, 'v0/half/.crystallize_complete'));
    const { experiment, ran } = retold(folder.path, 3);
    expect((await experiment.explain({ version: 0 })).missing).toBe(3);
    const resumed = await experiment.run({ strategy: 'resume', version: 0 });
    expect(ran).toEqual(['0 half', '1 half', '2 half']);
    expect(resumed.treatments['half']?.metrics).toEqual({ total: [0, 0.5, 1] });
    expect(resumed.treatments['double']?.metrics['total']).toHaveLength(3);
    const [v0] = await openRuns({ rootDir: folder.path }).experiment(NAME).versions();
    expect(await v0?.metrics('double')).toEqual(resumed.treatments['double']?.metrics);
    expect(await v0?.metrics('half')).toEqual({ total: [0, 0.5, 1] });
    expect((await v0?.artifact({ replicate: 1, condition: 'baseline', name: 'rows.csv' }))?.step).toBe(
      'WriteCsvStep',
    );
    const again = retold(folder.path, 3);
    const second = await again.experiment.run({ strategy: 'resume', version: 0 });
    expect([again.ran, second.restored]).toEqual([[], 9]);
    expect(await readFile(join(folder.path, NAME, 'v0/half/.crystallize_complete'), 'utf8')).toBe('');
  });

  it('runs a condition again that has not one value of each metric for each replicate', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    const results = join(folder.path, NAME, 'v1/double/results.json');
    await writeFile(results, '{"metrics": {"total": [1.0]}}');
    const { experiment, ran } = retold(folder.path, 2);
    const resumed = await experiment.run({ strategy: 'resume' });
    expect([ran, resumed.version]).toEqual([['0 double', '1 double'], 1]);
    expect(resumed.warnings.join()).toMatch(/'double' of v1 is marked complete, but/);
  });

  it('is said to carry no fingerprint also by every later resume', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    await retold(folder.path, 4).experiment.run({ strategy: 'resume', version: 0 });
    for (const replicates of [4, 2]) {
      const { warnings } = await retold(folder.path, replicates).experiment.run({
        strategy: 'resume',
        version: 0,
      });
      expect(warnings).toEqual([
        expect.stringMatching(
          /^v0 has cells that the Python original ran, of 'baseline', 'double', 'half'\. They carry no fingerprint/,
        ),
      ]);
    }
  });

  it('keeps its replicates in metadata.json when a resume asks for fewer', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    await rm(join(folder.path, NAME, 'v0/half/.crystallize_complete'));
    await retold(folder.path, 2).experiment.run({ strategy: 'resume', version: 0 });
    const runs = openRuns({ rootDir: folder.path });
    const [v0] = await runs.experiment(NAME).versions();
    expect(await v0?.metadata()).toMatchObject({ replicates: 3, conditions: ['baseline', 'double', 'half'] });
    expect((await runs.verify({ version: 0 })).faults).toEqual([]);
  });

  it('can not be gone on with when none of its conditions is whole', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    for (const condition of ['baseline', 'double', 'half'])
      await rm(join(folder.path, NAME, 'v0', condition, '.crystallize_complete'));
    const { experiment, ran } = retold(folder.path, 3);
    await expect(experiment.run({ strategy: 'resume', version: 0 })).rejects.toThrow(
      /v0 of 'python-producer' holds no cell to go on with: none of its conditions is whole/,
    );
    expect(ran).toEqual([]);
  });

  it('gets more replicates', async () => {
    await using folder = await tempFolder();
    await cp(fixture, folder.path, { recursive: true });
    const { experiment, ran } = retold(folder.path, 3);
    const resumed = await experiment.run({ strategy: 'resume' });
    expect([ran, resumed.restored]).toEqual([['2 baseline', '2 double', '2 half'], 6]);
    const [, v1] = await openRuns({ rootDir: folder.path }).experiment(NAME).versions();
    expect(await v1?.cells()).toHaveLength(9);
    expect(await v1?.metadata()).toMatchObject({ replicates: 3 });
  });
});
