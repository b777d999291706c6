import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RESUMABLE } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

const ARTIFACT = 'runs/resumable/v0/replicate_4/doubled/fit/model.json';

async function projectWithRun(): Promise<Project> {
  const project = await Project.with({ 'a.ts': RESUMABLE });
  const { code, stderr } = await project.crystallize(['run', 'a.ts']);
  expect(code, stderr).toBe(0);
  return project;
}

describe('crystallize verify', () => {
  test('of what is whole says how much was checked, ends with 0, and changes no file', async () => {
    await using project = await projectWithRun();
    const before = await project.tree({ folders: false });
    const { code, stdout, stderr } = await project.crystallize(['verify', '--root', 'runs']);
    expect([code, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(/1 run of 1 experiment: 12 artifacts, \d+ bytes, checked in .*: no fault\n$/);
    expect(await project.tree({ folders: false })).toEqual(before);
  });

  test('names each planted fault by its kind and path, and ends with 1', async () => {
    await using project = await projectWithRun();
    const path = join(project.folder, ARTIFACT);
    const bytes = await readFile(path);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await rm(join(project.folder, ARTIFACT.replace('replicate_4', 'replicate_1')));
    const args = ['verify', 'resumable', '--root', 'runs', '--run', '0'];
    const { code, stdout } = await project.crystallize(args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^resumable v0\n/);
    expect(stdout).toContain(`  altered: ${ARTIFACT}\n`);
    expect(stdout).toContain(`  missing: ${ARTIFACT.replace('replicate_4', 'replicate_1')}\n`);
    expect(stdout).toMatch(/: 2 faults\n$/);
    const json = await project.crystallize([...args, '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).faults).toMatchObject([{ version: 0 }, { version: 0 }]);
  });

  test('checks the others where one experiment can not be read, and that one alone when it is named', async () => {
    await using project = await projectWithRun();
    await mkdir(join(project.folder, 'runs/closed'));
    // Nothing of it can be read, whoever asks.
    await symlink(project.folder, join(project.folder, 'runs/closed/.crystallize'));
    const all = await project.crystallize(['verify', '--root', 'runs']);
    expect([all.code, all.stderr], all.stdout).toEqual([1, '']);
    expect(all.stdout).toMatch(/^closed\n {2}unreadable: runs\/closed/);
    expect(all.stdout).toMatch(/1 run of 1 experiment: 12 artifacts, .*: 1 fault\n$/);
    const good = await project.crystallize(['verify', 'resumable', '--root', 'runs', '--run', '0']);
    expect([good.code, good.stderr], good.stdout).toEqual([0, '']);
    const closed = await project.crystallize(['verify', 'closed', '--root', 'runs']);
    expect([closed.code, closed.stderr], closed.stdout).toEqual([1, '']);
    const unknown = await project.crystallize(['verify', 'resumabel', '--root', 'runs']);
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain(
      "No run of an experiment 'resumabel' is kept there, as far as it can be read.",
    );
    const other = await project.crystallize(['verify', 'resumable', '--root', 'runs', '--run', '7']);
    expect([other.code, other.stdout]).toEqual([2, '']);
  });

  test.each<[what: string, args: readonly string[], says: string]>([
    [
      'a folder that is not there',
      [],
      "There is no folder data. There are runs in 'runs'. Say where they are kept",
    ],
    [
      'a folder without runs',
      ['--root', 'node_modules'],
      "No runs are kept in node_modules. There are runs in 'runs'",
    ],
    ['a file', ['--root', 'a.ts'], 'a.ts is no folder'],
    [
      'an unknown experiment',
      ['resumabel', '--root', 'runs'],
      "No run of an experiment 'resumabel' is kept in runs. Did you mean 'resumable'?",
    ],
    ["an experiment's file", ['a.ts', '--root', 'runs'], 'An experiment is named here, not its file.'],
    [
      'an unknown run',
      ['resumable', '--root', 'runs', '--run', '7'],
      "'resumable' has no run v7. There are: 'v0'.",
    ],
    ['a run of no experiment', ['--root', 'runs', '--run', '0'], '--run is a run of one experiment.'],
  ])('%s is told, and ends with 2', async (_what, args, says) => {
    await using project = await Project.with({
      'a.ts': RESUMABLE,
      'runs/resumable/.crystallize/v0/run.json': '{}',
    });
    const { code, stdout, stderr } = await project.crystallize(['verify', ...args]);
    expect([code, stdout], stderr).toEqual([2, '']);
    expect(stderr).toMatch(/^crystallize: .+\n$/);
    expect(stderr).toContain(says);
  });
});
