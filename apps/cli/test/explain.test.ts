import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GRAPH, RESUMABLE, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

const FILE = 'resumable.experiment.ts';

describe('--explain', () => {
  test('prints counts and reasons by condition, runs nothing, and changes no file', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    await project.crystallize(['run', FILE], { FAIL_AT: '2' });
    const before = await project.tree();
    const { code, stdout, stderr } = await project.crystallize([
      'run',
      FILE,
      '--explain',
      '--replicates',
      '8',
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('resumable: v0 goes on, seed 3\n');
    expect(stdout).toMatch(
      /baseline {2}8 cells: 5 restored \(done in v0\), 3 to run: 2 never ran[^,]*,\s+1 failed \(no luck with 2\)/,
    );
    expect(stdout).toContain('16 cells (2 conditions × 8 replicates): 10 restored, 6 to run');
    expect(await project.tree()).toEqual(before);
  });

  test('says that a new run begins where nothing is stored, and creates no folder', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    const before = await project.tree();
    const { code, stdout } = await project.crystallize(['run', FILE, '--explain']);
    expect(code).toBe(0);
    expect(stdout).toContain('resumable: nothing is stored: a new run begins');
    expect(stdout).toContain('0 restored, 12 to run');
    expect(await project.tree()).toEqual(before);
  });

  test('ends with 1 where a resume would be refused, and says what to accept', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    await project.crystallize(['run', FILE], { FAIL_AT: '2' });
    await writeFile(
      join(project.folder, FILE),
      RESUMABLE.replace('[fit()]', '[fit({ factor: 3 })]').replace(/ {2}treatments:.*\n/, ''),
    );
    const refused = await project.crystallize(['run', FILE, '--explain']);
    expect(refused.code, refused.stderr).toBe(1);
    expect(refused.stdout).toMatch(/differences\n {2}- [\s\S]*--accept[\s\S]*params/);
    const [, accept = ''] =
      /To resume all the same: crystallize run \S+ --resume --accept (\S+)/.exec(refused.stdout) ?? [];
    const accepted = await project.crystallize(['run', FILE, '--explain', '--accept', accept]);
    expect(accepted.code, accepted.stdout).toBe(0);
    expect(accepted.stdout).toContain('accepted: params');
  });

  test('--json prints one document with every cell, --verbose a line for each', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    await project.crystallize(['run', FILE], { FAIL_AT: '2' });
    const { stdout } = await project.crystallize(['run', FILE, '--explain', '--json']);
    const { version, restored, missing, cells } = JSON.parse(stdout);
    expect([version, restored, missing, cells.length]).toEqual([0, 10, 2, 12]);
    expect(cells[4]).toMatchObject({ replicate: 2, condition: 'baseline', action: 'run' });
    const verbose = await project.crystallize(['run', FILE, '--explain', '--verbose']);
    expect(verbose.stdout).toMatch(/\n {2}baseline #2 {2}to run: it failed: .*no luck/);
    expect(verbose.stdout).toMatch(/\n {2}doubled #5 {2}restored: done in v0\n/);
  });

  test('explains each experiment of a graph', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    await project.crystallize(['run', 'graph.ts', '-e', 'training']);
    const { code, stdout, stderr } = await project.crystallize(['run', 'graph.ts', '--explain']);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(
      /training: v0 goes on[\s\S]*6 restored, 0 to run[\s\S]*testing: nothing is stored/,
    );
    const version = await project.crystallize(['run', 'graph.ts', '--explain', '--from-version', '0']);
    expect(version.code).toBe(2);
    expect(version.stderr).toContain("Choose one: --experiment NAME, of 'training', 'testing'");
  });

  test('of an experiment that stores nothing ends with 2', async () => {
    await using project = await Project.with({ 'scaling.ts': SCALING });
    const { code, stderr } = await project.crystallize(['run', 'scaling.ts', '--explain']);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(/^crystallize: .+\n$/);
  });
});
