import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { GRAPH, RESUMABLE } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

const FILE = 'resumable.experiment.ts';

async function linesOf(project: Project, name: string): Promise<readonly string[]> {
  const text = await readFile(join(project.folder, name), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** Starts a run that waits in its fourth replicate, and waits until what came before it is reported as done. */
async function startAndWait(project: Project, args: readonly string[] = ['run', FILE]) {
  const running = project.start(args, { WAIT_AT: '3' });
  await running.said('now it waits');
  await vi.waitFor(async () => expect(await linesOf(project, 'acked.log')).toHaveLength(6), 20_000);
  return running;
}

/** The command in the last line of what was said. */
function commandIn(text: string): string {
  const [, command = ''] = /Resume it with: (.*)\n$/.exec(text) ?? [];
  expect(command, text).not.toBe('');
  return command;
}

describe('--resume', () => {
  test.each([
    ['kill -9', 'SIGKILL', null],
    ['Ctrl-C', 'SIGINT', 130],
  ] as const)(
    'after %s runs what is missing, and no cell again that was done',
    async (_what, signal, code) => {
      await using project = await Project.with({ [FILE]: RESUMABLE });
      const running = await startAndWait(project);
      running.process.kill(signal);
      expect((await running.ended).code).toBe(code);
      const done = await linesOf(project, 'acked.log');
      await rm(join(project.folder, 'cells.log'));

      const resumed = await project.crystallize(['run', FILE, '--resume']);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(resumed.stderr).toContain(
        'resumable: 12 cells (2 conditions × 6 replicates), 6 of them restored, seed 3',
      );
      expect(resumed.stdout).toContain('6 run, 6 restored');
      expect(resumed.stdout).toContain(`stored in ${join(project.folder, 'runs/resumable/v0')}`);
      const ran = await linesOf(project, 'cells.log');
      expect(ran.filter((cell) => done.includes(cell))).toEqual([]);
      expect(new Set([...done, ...ran]).size).toBe(12);
      const stored = await readFile(join(project.folder, 'runs/resumable/v0/doubled/results.json'), 'utf8');
      expect(JSON.parse(stored)).toEqual({ metrics: { x: [2, 4, 6, 8, 10, 12] } });

      const again = await project.crystallize(['run', FILE, '--resume']);
      expect(again.code, again.stderr).toBe(0);
      expect(again.stdout).toContain('0 run, 12 restored');
    },
  );

  test('begins a new run where nothing is stored, and says that nothing was restored', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    const { code, stdout, stderr } = await project.crystallize(['run', FILE, '--resume']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('12 run, 0 restored');
  });

  test('is what the last line of an interrupted run says, and that command resumes it as it stands', async () => {
    const name = 'ada\'s "own" $HOME.experiment.ts';
    await using project = await Project.with({ [name]: RESUMABLE });
    const running = await startAndWait(project, ['run', '--replicates', '5', name, '--treatment', 'doubled']);
    running.process.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    expect(code).toBe(143);
    const command = commandIn(stderr);
    expect(command).toMatch(/^crystallize run --replicates 5 '.*' --treatment doubled --resume$/);
    const resumed = await project.shell(command);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain('10 cells (2 conditions × 5 replicates), 4 run, 6 restored');
  });

  test('is said once when a resumed run is interrupted, and when a second signal ends the process', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    const running = await startAndWait(project);
    running.process.kill('SIGKILL');
    await running.ended;
    const second = project.start(['run', FILE, '--resume'], { WAIT_AT: '4' });
    await second.said('now it waits');
    second.process.kill('SIGINT');
    await second.said('stopping');
    second.process.kill('SIGINT');
    const { code, stderr } = await second.ended;
    expect(code).toBe(130);
    expect(commandIn(stderr)).toBe(`crystallize run ${FILE} --resume`);
  });

  test('is told after a run that code of the experiment ended, and not where nothing is stored', async () => {
    const leaving = RESUMABLE.replace("ctx.log('now it waits');", 'process.exit(0);');
    await using project = await Project.with({
      [FILE]: leaving,
      'memory.ts': leaving.replace(/new ArtifactPlugin\(.*?\}\), /, ''),
    });
    const ended = await project.crystallize(['run', FILE], { WAIT_AT: '3' });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('ended the process (process.exit)');
    expect(commandIn(ended.stderr)).toBe(`crystallize run ${FILE} --resume`);
    for (const args of [['memory.ts'], ['memory.ts', '--fail-fast']]) {
      const { code, stderr } = await project.crystallize(['run', ...args], { WAIT_AT: '3' });
      expect(code).toBe(1);
      expect(stderr).not.toContain('Resume it');
    }
  });

  test('is not told where no cell is done, since an older run may be what would go on', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    for (const args of [[], ['--fail-fast']]) {
      const { code, stdout, stderr } = await project.crystallize(['run', FILE, '-r', '1', ...args], {
        FAIL_AT: '0',
      });
      expect(code).toBe(1);
      expect(stdout + stderr).toContain('no luck with 0');
      expect(stdout + stderr).not.toMatch(/--resume|Resume it/);
    }
  });

  test('runs failed cells again, as the summary of the run before has said', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    const failed = await project.crystallize(['run', FILE], { FAIL_AT: '2' });
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('--resume runs the 2 failed cells again');
    await rm(join(project.folder, 'cells.log'));
    const resumed = await project.crystallize(['run', FILE, '--resume']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await linesOf(project, 'cells.log')).toEqual(['baseline 2', 'doubled 2']);
    expect(resumed.stdout).not.toContain('--resume');
  });

  test('is told after --fail-fast stopped the run, with its options', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    const { code, stderr } = await project.crystallize(['run', FILE, '--fail-fast'], { FAIL_AT: '2' });
    expect(code).toBe(1);
    expect(commandIn(stderr)).toBe(`crystallize run ${FILE} --fail-fast --resume`);
  });

  test('takes the version that --from-version names', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    await project.crystallize(['run', FILE], { FAIL_AT: '2' });
    await project.crystallize(['run', FILE]);
    const resumed = await project.crystallize(['run', FILE, '--resume', '--from-version', 'v0']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain('2 run, 10 restored');
    expect(resumed.stdout).toContain('resumable/v0');
  });

  test('is refused with 2 when params differ, with a list and the command that accepts them', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    await project.crystallize(['run', FILE], { FAIL_AT: '2' });
    await writeFile(
      join(project.folder, FILE),
      RESUMABLE.replace('[fit()]', '[fit({ factor: 3 })]').replace(/ {2}treatments:.*\n/, ''),
    );
    await rm(join(project.folder, 'cells.log'));
    const refused = await project.crystallize(['run', FILE, '--resume']);
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(
      /^crystallize: v0 of 'resumable' can't go on as it is:\n {2}- .*\(--accept params\)/s,
    );
    expect(refused.stderr).not.toContain('accept: [');
    expect(await linesOf(project, 'cells.log')).toEqual([]);
    const [, command = ''] = /To resume all the same: (.*)\n$/.exec(refused.stderr) ?? [];
    const accepted = await project.shell(command);
    expect(accepted.code, accepted.stderr).toBe(0);
    expect(accepted.stdout).toMatch(/warnings[\s\S]*params/);
  });

  test('is refused for an experiment of a graph, with the differences once and the command that accepts them', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    await project.crystallize(['run', 'graph.ts']);
    await writeFile(
      join(project.folder, 'graph.ts'),
      GRAPH.replace('[train()]', '[train({ k: 5 })]').replace(/ {2}treatments:.*?\]/, '  treatments: []'),
    );
    const refused = await project.crystallize(['run', 'graph.ts', '--resume']);
    expect(refused.code, refused.stderr).toBe(2);
    expect(refused.stdout.match(/\(--accept params\)/g)).toHaveLength(1);
    expect(refused.stdout).toMatch(
      /'testing' was skipped, since 'training', which it reads from, failed: v0 of\s+'training' can't go on as it is\.\n/,
    );
    expect(refused.stdout).toMatch(
      /\nTo resume all the same: crystallize run graph\.ts --resume --accept \S*params\S*\n$/,
    );
  });

  test('is told after storage failed under an experiment of a graph, and then goes on with both', async () => {
    const full =
      "commitCell(_run: unknown, cell: any) { if (process.env['FAIL'] && cell.replicate > 1) throw new Error('no space left'); }";
    await using project = await Project.with({
      'graph.ts': GRAPH.replace(/beforeRun\(\).*?; \}|beforeRun\(\) \{.*\}(?= \};)/, full),
    });
    const stopped = await project.crystallize(['run', 'graph.ts'], { FAIL: '1' });
    expect(stopped.code, stopped.stderr).toBe(1);
    expect(stopped.stdout).toContain('no space left');
    const resumed = await project.shell(commandIn(stopped.stdout));
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stdout).toMatch(/training done[\s\S]* [2-6] restored[\s\S]*testing done/);
    expect(resumed.stdout).toContain('2 experiments: 2 done\n');
  });

  test('of a run that is going on ends with 1', async () => {
    await using project = await Project.with({ [FILE]: RESUMABLE });
    const running = await startAndWait(project);
    const { code, stdout, stderr } = await project.crystallize(['run', FILE, '--resume']);
    expect([code, stdout], stderr).toEqual([1, '']);
    running.process.kill('SIGINT');
    await running.ended;
  });
});

test.each<[args: readonly string[], says: string]>([
  [['--accept', 'code'], '--accept goes with --resume or --explain, and neither was given.'],
  [['--from-version', '1'], '--from-version goes with --resume or --explain, and neither was given.'],
  [
    ['--resume', '--accept', 'code,colour'],
    'It takes what may differ: code, params, datasource, seed, inputs.',
  ],
  [['--resume', '--from-version', 'newest'], 'It takes the number of a version, such as 3 or v3.'],
])('wrong usage of resume ends with 2: %j', async (args, says) => {
  await using project = await Project.with({ [FILE]: RESUMABLE });
  const { code, stderr } = await project.crystallize(['run', FILE, ...args]);
  expect(stderr).toContain(says);
  expect(code).toBe(2);
});
