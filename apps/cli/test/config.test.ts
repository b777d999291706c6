import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GRAPH, RESUMABLE, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

const CONFIG = `
import { defineConfig } from '@crystallize/cli';
export default defineConfig({ store: 'kept', experiments: ['experiments/**/*.ts'] });
`;

/** What is there of some paths of a project. */
const present = (project: Project, ...paths: readonly string[]) =>
  paths.map((path) => existsSync(join(project.folder, path)));

describe('crystallize.config.ts', () => {
  test('says from folders below where runs are kept and which experiments there are', async () => {
    await using project = await Project.with({
      'crystallize.config.ts': CONFIG,
      'experiments/a/resumable.ts': RESUMABLE,
    });
    const ran = await project.shell('cd experiments && crystallize run resumable -r 1');
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain(`stored in ${join(project.folder, 'kept/resumable/v0')}`);
    expect(present(project, 'experiments/runs', 'kept/resumable/v0/baseline/results.json')).toEqual([
      false,
      true,
    ]);
    const resumed = await project.shell('cd experiments && crystallize run resumable -r 2 --resume');
    expect(resumed.stdout).toContain('2 run, 2 restored');
    const verified = await project.crystallize(['verify', 'resumable']);
    expect([verified.code, verified.stdout], verified.stderr).toEqual([
      0,
      expect.stringContaining('1 run of 1 experiment'),
    ]);
    const pruned = await project.crystallize(['prune', '--dry-run', '--json']);
    expect(JSON.parse(pruned.stdout), pruned.stderr).toMatchObject({ troubles: [] });
  });

  test('gives way to --store and --root, and to nothing at all with --no-config', async () => {
    await using project = await Project.with({
      'crystallize.config.ts': "console.log('loaded'); export default { store: 'kept' };",
      'other.ts': "export default { store: new URL('other', import.meta.url).href };",
      'a.ts': RESUMABLE,
    });
    const run = (...args: readonly string[]) => project.crystallize(['run', 'a.ts', '-r', '1', ...args]);
    const ended = [
      await run('--store', 'mine'),
      await run('--no-config'),
      await run('--config', 'other.ts'),
      await project.crystallize(['verify', '--root', 'runs']),
      await project.crystallize(['verify', '--store', `file://${project.folder}/mine`]),
    ];
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    const stored = ['kept', 'mine/resumable/v0', 'runs/resumable/v0', 'other/resumable/v0'];
    expect(present(project, ...stored)).toEqual([false, true, true, true]);
    const loads = ended.map(({ stdout }) => stdout.includes('loaded'));
    expect(loads).toEqual([true, false, false, false, false]);
  });

  test('gives its plugins to experiments that have none of the same name, before their own', async () => {
    const config = `
import { appendFileSync } from 'node:fs';
import { ArtifactPlugin } from '@crystallize/artifacts';
const note = (name: string) => ({ name, beforeRun: () => appendFileSync('order.log', name + ' of the config\\n') });
export default {
  store: async () => 'kept',
  plugins: [note('team'), note('acks'), new ArtifactPlugin({ versioned: true })],
};
`;
    const own = SCALING.replace(
      'replicates: 4,',
      "replicates: 1, plugins: [{ name: 'acks', beforeRun() { console.error('own acks'); } }],",
    );
    await using project = await Project.with({ 'crystallize.config.ts': config, 'a.ts': own });
    const { code, stdout, stderr } = await project.crystallize(['run', 'a.ts']);
    expect(code, stderr).toBe(0);
    expect(await readFile(join(project.folder, 'order.log'), 'utf8')).toBe('team of the config\n');
    expect(stderr).toContain('own acks');
    expect(stdout).toContain(`stored in ${join(project.folder, 'kept/scaling/v0')}`);
  });
});

describe('the experiments of a config', () => {
  const files = {
    'crystallize.config.ts': CONFIG,
    'experiments/graph.ts': GRAPH,
    'experiments/scaling.ts': SCALING,
    'experiments/broken.ts': "throw new Error('not today');\nexport {};",
    'experiments/node_modules/x/index.js': "throw new Error('a package is none of them')",
  };

  test('run by name, whatever file exports them, and a file that is broken is passed over', async () => {
    await using project = await Project.with(files);
    const one = await project.crystallize(['run', 'scaling', '-r', '1']);
    expect(one.code, one.stderr).toBe(0);
    expect(one.stderr).toContain(
      'crystallize: warning: experiments/broken.ts was passed over: experiments/broken.ts threw an error while it was loaded: not today\n',
    );
    expect(one.stderr).not.toContain('a package');
    const graph = await project.crystallize(['run', 'training and testing']);
    expect(graph.stdout, graph.stderr).toContain('2 experiments: 2 done');
    const exported = await project.crystallize(['debug', 'testing', '--store', 'kept']);
    expect(exported.code, exported.stderr).toBe(0);
    const file = await project.crystallize(['run', 'experiments/scaling.ts', '-r', '1']);
    expect([file.code, file.stderr.includes('broken')]).toEqual([0, false]);
  });

  test('are listed, with their files, where none or an unknown one is named', async () => {
    await using project = await Project.with(files);
    const unnamed = await project.crystallize(['run']);
    expect([unnamed.code, unnamed.stdout]).toEqual([2, '']);
    expect(unnamed.stderr).toContain('hold 4 experiments and graphs. Choose one: crystallize run NAME.\n');
    expect(unnamed.stderr).toMatch(/^ {2}training and testing \(graph\) {2}experiments\/graph\.ts$/m);
    expect(unnamed.stderr).toMatch(/^ {2}scaling +experiments\/scaling\.ts$/m);
    const unknown = await project.crystallize(['run', 'scalign']);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining("hold no experiment 'scalign'. Did you mean 'scaling'?"),
    ]);
  });

  test('need a file of their own where two have one name', async () => {
    const copy = { ...files, 'experiments/copy.ts': SCALING };
    await using project = await Project.with(copy);
    const { code, stderr } = await project.crystallize(['run', 'scaling']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "'scaling' is the name of 2 experiments or graphs, in 'experiments/copy.ts', 'experiments/scaling.ts'. Name the file instead: crystallize run experiments/copy.ts --experiment scaling.",
    );
  });
});

describe('a config that is wrong gets one plain sentence:', () => {
  test.each<[what: string, args: readonly string[], config: string, code: number, says: string]>([
    [
      'one with an unknown option',
      ['run', 'a.ts'],
      'export default { plugin: [] };',
      2,
      "crystallize: crystallize.config.ts has the option 'plugin', which is unknown. Did you mean 'plugins'?",
    ],
    [
      'one that throws',
      ['verify'],
      "throw new TypeError('no\\x1b[2J');",
      2,
      'crystallize: crystallize.config.ts threw an error while it was loaded: TypeError: no\n',
    ],
    [
      'one whose store can not be made',
      ['run', 'a.ts'],
      "export default { store: () => { throw new Error('no access'); } };",
      2,
      'The function store of crystallize.config.ts failed: no access',
    ],
    [
      'one whose store is none',
      ['prune'],
      'export default { store: () => ({}) };',
      2,
      'The function store of crystallize.config.ts gave nothing that runs can be kept in.',
    ],
    [
      'one that names no file',
      ['run'],
      "export default { experiments: ['none/*.ts'] };",
      2,
      "The option experiments of crystallize.config.ts names 'none/*.ts', and no TypeScript or JavaScript file is there.",
    ],
    [
      'one that never loads',
      ['verify'],
      'await new Promise(() => {}); export default {};',
      1,
      'crystallize: the config file came to a standstill',
    ],
    [
      'one that ends the process',
      ['prune'],
      'process.exit(0);',
      1,
      'crystallize: the config file ended the process (process.exit).',
    ],
    ['one that is not there', ['verify', '--config', 'no.ts'], '', 2, 'There is no config file no.ts.'],
  ])('%s', async (_what, args, config, code, says) => {
    await using project = await Project.with({ 'crystallize.config.ts': config, 'a.ts': SCALING });
    const ended = await project.crystallize(args);
    expect(ended.stderr).toContain(says);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
  });
});
