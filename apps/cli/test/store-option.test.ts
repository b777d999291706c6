import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RESUMABLE, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';
import { QUEUE_PACKAGE_FILES, STORE_PACKAGE } from './helpers/stand-ins.ts';

const URL_OF_STORE = 's3://lab/penguins';

describe('--store', () => {
  test('keeps a run in the store of a URL, from where it is resumed, explained, verified and pruned', async () => {
    await using project = await Project.with({ ...STORE_PACKAGE, 'a.ts': RESUMABLE });
    const place = ['--store', URL_OF_STORE];
    const failed = await project.crystallize(['run', 'a.ts', ...place], { FAIL_AT: '2' });
    expect([failed.code, existsSync(join(project.folder, 'runs'))], failed.stderr).toEqual([1, false]);
    expect(existsSync(join(project.folder, 'buckets/lab/penguins/resumable/v0'))).toBe(true);
    expect(failed.stdout).toContain(`stored in ${URL_OF_STORE} as version 0\n`);
    const explained = await project.crystallize(['run', 'a.ts', ...place, '--explain']);
    expect(explained.stdout, explained.stderr).toContain('10 restored, 2 to run');
    const resumed = await project.crystallize(['run', 'a.ts', ...place, '--resume']);
    expect(resumed.stdout, resumed.stderr).toContain('2 run, 10 restored');
    const verified = await project.crystallize(['verify', 'resumable', ...place, '--json']);
    expect(JSON.parse(verified.stdout), verified.stderr).toMatchObject({ faults: [], artifacts: 12 });
    const pruned = await project.crystallize(['prune', ...place, '--keep', '1']);
    expect(pruned.code, pruned.stderr).toBe(0);
  });

  test('is done by workers as well, who get it with the config as plain data', async () => {
    await using project = await Project.with({
      ...STORE_PACKAGE,
      ...QUEUE_PACKAGE_FILES,
      'crystallize.config.ts': "export default { store: 'kept', plugins: [{ name: 'team' }] };",
      'a.ts': RESUMABLE,
      // What a worker does with a run's description.
      'worker.mjs': `
        import { readFileSync } from 'node:fs';
        const { setup, module } = JSON.parse(readFileSync('run.json'));
        process.chdir('/');
        await (await import(setup.url))[setup.export](...setup.args);
        const { resumable } = await import(module.url);
        console.log(JSON.stringify(resumable.plugins.map(({ name, store }) => [name, store?.location])));
      `,
    });
    const worker = async (...args: readonly string[]) => {
      const run = await project.crystallize(['run', 'a.ts', '--queue', 'q', ...args], { SETUP: '1' });
      expect(run.code, run.stderr).toBe(0);
      const node = [process.execPath, ['--conditions=crystallize-source', 'worker.mjs']] as const;
      const { stdout, stderr } = spawnSync(...node, { cwd: project.folder, encoding: 'utf8' });
      expect(stderr).toBe('');
      return JSON.parse(stdout);
    };
    expect(await worker()).toEqual([
      ['team', null],
      ['@crystallize/artifacts', `file://${project.folder}/kept`],
      ['acks', null],
    ]);
    const [, [, relative]] = await worker('--store', 'mine');
    expect(relative).toBe(`file://${project.folder}/mine`);
    const [, [, remote]] = await worker('--store', URL_OF_STORE);
    expect(remote).toBe(URL_OF_STORE);
  });

  test('says so where it changes nothing, since nothing of the experiment is kept', async () => {
    await using project = await Project.with({ 'a.ts': SCALING });
    const { code, stderr } = await project.crystallize(['run', 'a.ts', '-r', '1', '--store', 'runs']);
    expect(code).toBe(0);
    expect(stderr).toContain(
      "crystallize: warning: 'scaling' has no ArtifactPlugin, so --store changes nothing for it. Add one",
    );
  });

  test.each<[what: string, args: readonly string[], says: string]>([
    [
      'its package is missing',
      ['run', 'a.ts', '--store', URL_OF_STORE],
      'A store such as s3://lab/penguins needs the package @crystallize/store-s3, which is not installed here. Install it: npm install @crystallize/store-s3.',
    ],
    [
      'nobody knows such URLs',
      ['verify', '--store', 'gs://me:secret@lab/x?token=secret'],
      'There is no store for gs://***@lab/x. URLs of stores begin with',
    ],
    [
      'it names another machine',
      ['prune', '--store', 'file://lab/x'],
      'file://lab/x names no folder on this',
    ],
    [
      'the path of its URL is none from the root',
      ['run', 'a.ts', '--store', 'file:runs'],
      'file:runs names no folder on this',
    ],
    ['it is empty', ['run', 'a.ts', '--store', ''], 'The store is empty.'],
    ['a folder is named as well', ['verify', '--root', 'a', '--store', 'b'], '--root and --store both say'],
    ['nothing is there', ['verify', '--store', 'none'], 'There is no folder none.'],
  ])('is refused with a sentence where %s', async (_what, args, says) => {
    await using project = await Project.with({ 'a.ts': RESUMABLE });
    const { code, stdout, stderr } = await project.crystallize(args);
    expect(stderr).toContain(`crystallize: ${says}`);
    expect(stderr).not.toContain('secret');
    expect([code, stdout]).toEqual([2, '']);
  });

  test('never shows what a URL gives access by', async () => {
    await using project = await Project.with({ ...STORE_PACKAGE, 'a.ts': RESUMABLE });
    const ended = await project.crystallize(['run', 'a.ts', '--store', 's3://me:secret@lab/x']);
    expect([ended.code, ended.stderr]).toEqual([
      2,
      "crystallize: s3://***@lab/x can't be opened: The URL s3://***@lab/x holds credentials.\n",
    ]);
  });
});
