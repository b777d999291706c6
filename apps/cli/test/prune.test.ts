import { access, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GRAPH, RESUMABLE } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

const artifactOf = (version: number) => `runs/resumable/v${version}/replicate_0/baseline/fit/model.json`;

async function isThere(project: Project, path: string): Promise<boolean> {
  return access(join(project.folder, path)).then(
    () => true,
    () => false,
  );
}

async function projectWithRuns(count: number): Promise<Project> {
  const project = await Project.with({ 'a.ts': RESUMABLE });
  for (let run = 0; run < count; run++) {
    const { code, stderr } = await project.crystallize(['run', 'a.ts']);
    expect(code, stderr).toBe(0);
  }
  return project;
}

describe('crystallize prune', () => {
  test('--dry-run tells what the real one then does, and changes no file', async () => {
    await using project = await projectWithRuns(3);
    const args = ['prune', 'resumable', '--root', 'runs', '--keep', '1'];
    const before = await project.tree({ folders: false });
    const dry = await project.crystallize([...args, '--dry-run']);
    expect(dry.code, dry.stderr).toBe(0);
    const planned = JSON.parse((await project.crystallize([...args, '--dry-run', '--json'])).stdout);
    expect(await project.tree({ folders: false })).toEqual(before);
    expect(dry.stdout).toContain('resumable v0: 12 artifacts');
    expect(dry.stdout).toMatch(/would remove 24 artifacts of 2 runs: \d+ bytes; this was a dry run\n$/);

    const { dryRun, ...done } = JSON.parse((await project.crystallize([...args, '--json'])).stdout);
    expect({ ...done, dryRun: true }).toEqual(planned);
    expect(dryRun).toBe(false);
    for (const [version, kept] of [false, false, true].entries())
      expect(await isThere(project, artifactOf(version))).toBe(kept);

    const again = await project.crystallize(args);
    expect([again.code, again.stdout]).toEqual([0, 'nothing was removed\n']);
    const verified = await project.crystallize(['verify', '--root', 'runs']);
    expect(verified.code, verified.stdout).toBe(0);
  });

  test('--keep 0 keeps all, and --big takes big artifacts from all but the newest', async () => {
    await using project = await projectWithRuns(2);
    const all = await project.crystallize(['prune', '--root', 'runs', '--keep', '0']);
    expect([all.code, all.stdout]).toEqual([0, 'nothing was removed\n']);
    const big = await project.crystallize(['prune', '--root', 'runs', '--big', '0', '--verbose']);
    expect(big.code, big.stderr).toBe(0);
    expect(big.stdout).toContain(`  ${artifactOf(0)}  2 bytes\n`);
    expect([await isThere(project, artifactOf(0)), await isThere(project, artifactOf(1))]).toEqual([
      false,
      true,
    ]);
  });

  test('says which runs have read what it removes', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    await project.crystallize(['run', 'graph.ts']);
    await project.crystallize(['run', 'graph.ts', '-e', 'training']);
    const { code, stdout } = await project.crystallize([
      'prune',
      'training',
      '--root',
      'runs',
      '--keep',
      '1',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/training v0: 6 artifacts.* removed\n[\s\S]*read by 'testing' v0/);
  });

  test('of what is not there, or with what it does not take, ends with 2', async () => {
    await using project = await projectWithRuns(1);
    for (const args of [[], ['resumabel', '--root', 'runs'], ['--root', 'runs', '--keep', 'few']]) {
      const { code, stdout, stderr } = await project.crystallize(['prune', ...args]);
      expect([code, stdout], stderr).toEqual([2, '']);
    }
    const wrong = await project.crystallize(['prune', '--root', 'runs'], {
      CRYSTALLIZE_ARTIFACT_RETENTION: 'few',
    });
    expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('CRYSTALLIZE_ARTIFACT_RETENTION');
  });

  test.each([[], ['--dry-run']])(
    'prunes the others where one is damaged, and ends with 1: %j',
    async (...args) => {
      await using project = await projectWithRuns(2);
      const runs = join(project.folder, 'runs');
      await cp(join(runs, 'resumable'), join(runs, 'able'), { recursive: true });
      await writeFile(join(runs, 'able/v1/metadata.json'), '{');
      // Nothing of it can be read, whoever asks.
      await mkdir(join(runs, 'closed'));
      await symlink(project.folder, join(runs, 'closed/.crystallize'));
      const { code, stdout, stderr } = await project.crystallize([
        'prune',
        '--root',
        'runs',
        '--keep',
        '1',
        ...args,
      ]);
      expect([code, stderr], stdout).toEqual([1, '']);
      expect(stdout).toMatch(/^resumable v0: 12 artifacts, .* removed$/m);
      expect(stdout).toMatch(/^able: not looked at\n {2}.*metadata\.json/m);
      expect(stdout).toMatch(/^closed: not looked at$/m);
      expect(await isThere(project, artifactOf(0))).toBe(args.length > 0);
      const one = await project.crystallize(['prune', 'resumable', '--root', 'runs', ...args]);
      expect([one.code, one.stderr], one.stdout).toEqual([0, '']);
    },
  );

  test('of runs of Python alone has nothing to do, says so, and ends with 0', async () => {
    await using project = await Project.with({
      'runs/penguins/v0/metadata.json': '{"replicates": 1, "id": "abc", "name": "penguins"}',
      'runs/penguins/v0/replicate_0/baseline/Fit/model.json': '{}',
    });
    const { code, stdout, stderr } = await project.crystallize(['prune', '--root', 'runs']);
    expect([code, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(/There are only runs of Crystallize for Python 0\.27 here/);
    expect(stdout).toMatch(/\nnothing was removed\n$/);
  });
});
