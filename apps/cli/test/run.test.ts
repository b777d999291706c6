import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAILING, GRAPH, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

describe('crystallize run', () => {
  test('runs the experiment of a file, prints a summary, and ends with 0', async () => {
    await using project = await Project.with({ 'scaling.experiment.ts': SCALING });
    const { code, stdout, stderr } = await project.crystallize(['run', 'scaling.experiment.ts']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('doubled   4  23.00  2.58      +11.50');
    expect(stdout).toContain("* ranked best by 'factor matters': tripled");
    expect(stdout).toContain('12 cells (3 conditions × 4 replicates), seed 42');
    expect(stderr).toBe('scaling: 12 cells (3 conditions × 4 replicates), seed 42\n');
    expect(stdout).not.toContain('\x1b');
  });

  test('--replicates, --treatment and --seed narrow the run down', async () => {
    await using project = await Project.with({
      'scaling.experiment.mjs': SCALING.replace(/: number| as number\[\]|\)\[0\]!/g, (found) =>
        found.startsWith(')') ? ')[0]' : '',
      ),
    });
    const args = ['run', 'scaling.experiment.mjs', '-r', '2', '-t', 'doubled', '--seed', '7', '--json'];
    const { code, stdout, stderr } = await project.crystallize(args);
    expect(code, stderr).toBe(0);
    const { baseline, treatments, seed } = JSON.parse(stdout);
    expect([baseline.metrics.total, Object.keys(treatments), treatments.doubled.metrics.total, seed]).toEqual(
      [[10, 11], ['doubled'], [20, 22], 7],
    );
  });

  test.each([
    ['after the file', ['run', 'a.ts', '--json', '--treatment', 'doubled', 'tripled']],
    ['one by one', ['run', 'a.ts', '-t', 'doubled', '--json', '-t', 'tripled']],
    ['before the file', ['run', '--json', '--treatment', 'doubled', 'tripled', 'a.ts']],
  ])('treatments may be named %s', async (_where, args) => {
    await using project = await Project.with({ 'a.ts': SCALING });
    const { code, stdout, stderr } = await project.crystallize(args);
    expect(code, stderr).toBe(0);
    expect(Object.keys(JSON.parse(stdout).treatments)).toEqual(['doubled', 'tripled']);
  });

  test('--json prints one document and nothing else, whatever the experiment prints', async () => {
    const chatty = `console.log('at import');\n${FAILING.replace('ctx.record(', "console.log('in a step'); process.stdout.write('raw'); ctx.record(")}`;
    await using project = await Project.with({ 'chatty.ts': chatty });
    const { code, stdout, stderr } = await project.crystallize(['run', 'chatty.ts', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      experiment: 'failing',
      status: 'failed',
      errors: [{ replicate: 1, condition: 'big' }, {}, {}],
    });
    expect(stderr).toContain('at import\n');
    expect(stderr).toContain('in a step\nraw');
  });

  test('a long document reaches a reader through a pipe whole', async () => {
    const long = SCALING.replace(
      "ctx.record('label', 'as text')",
      "ctx.record('label', 'x'.repeat(200_000))",
    );
    await using project = await Project.with({ 'long.ts': long });
    const { code, stdout } = await project.crystallize(['run', 'long.ts', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).baseline.metrics.label[3]).toHaveLength(200_000);
  });

  test('a failed cell is told with its step, cells and place, without control sequences, and ends it with 1', async () => {
    await using project = await Project.with({ 'failing.experiment.ts': FAILING });
    const { code, stdout, stderr } = await project.crystallize(['run', 'failing.experiment.ts']);
    expect(code).toBe(1);
    expect(stdout).toContain('fit: RangeError: k is too large');
    expect(stdout).toContain('3 cells: big #1–#3');
    expect(stdout).toContain('at run (failing.experiment.ts:7:');
    expect(stdout).toContain('8 cells (2 conditions × 4 replicates), 3 failed, seed 1');
    expect(stderr.match(/k is too large/g)).toHaveLength(1);
    expect(stdout + stderr).not.toContain('\x1b');
  });

  test('--fail-fast stops at the first failed cell and says what there is', async () => {
    await using project = await Project.with({ 'failing.experiment.ts': FAILING });
    const { code, stdout, stderr } = await project.crystallize([
      'run',
      'failing.experiment.ts',
      '--fail-fast',
    ]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain("the run was stopped: Replicate 1 of 'big' failed in 'fit': k is too large");
    expect(stderr).toContain('at run (failing.experiment.ts:7:');
    expect(stderr).toContain('failing: 4 of 8 cells ended, 1 of them failed');
  });

  test('--timeout and --retries reach the run', async () => {
    const slow = FAILING.replace(
      'ctx.record',
      "console.error('try'); if (k === 1) while (!ctx.signal.aborted) await new Promise((r) => setTimeout(r, 5)); ctx.record",
    ).replace('  run(', '  async run(');
    await using project = await Project.with({ 'slow.ts': slow });
    const { code, stdout, stderr } = await project.crystallize([
      'run',
      'slow.ts',
      '-t',
      'baseline',
      '-r',
      '1',
      '--timeout',
      '40ms',
      '--retries',
      '1',
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('timeout of 40 ms');
    expect(stderr.match(/try/g)).toHaveLength(2);
  });

  test('a graph runs as a whole, and its document has each experiment by name', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    const { code, stdout, stderr } = await project.crystallize(['run', 'graph.ts', '--json']);
    expect(code, stderr).toBe(0);
    const { training, testing } = JSON.parse(stdout);
    expect(training.baseline.metrics.loss).toEqual([1, 2, 3]);
    expect(testing.treatments['k=2'].metrics.score).toEqual([2, 4, 6]);
    const stored = await readFile(join(project.folder, 'runs/testing/v0/k=2/results.json'), 'utf8');
    expect(JSON.parse(stored)).toEqual({ metrics: { score: [2, 4, 6] } });
  });

  test('a graph of which an experiment failed ends with 1, and says what was skipped and why', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    const { code, stdout } = await project.crystallize(['run', 'graph.ts'], { FAIL: '1' });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /training failed\n[\s\S]*the disk is on fire[\s\S]*testing skipped\n[\s\S]*'training'/,
    );
    expect(stdout).toContain('2 experiments: 1 failed, 1 skipped');
  });

  test('a graph in which nothing could run, since a definition is wrong, ends with 2', async () => {
    await using project = await Project.with({
      'graph.ts': GRAPH.replace('replicates: 3', 'replicates: -3'),
    });
    const { code, stderr } = await project.crystallize(['run', 'graph.ts']);
    expect(code).toBe(2);
    expect(stderr).toContain('replicates is a whole number of at least 1');
  });

  test('an experiment of a graph can be run alone', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    const { code, stdout } = await project.crystallize(['run', 'graph.ts', '-e', 'training']);
    expect(code).toBe(0);
    expect(stdout).toContain(`stored in ${join(project.folder, 'runs/training/v0')}`);
    expect(stdout).not.toContain('testing');
  });

  test('ends although the experiment leaves a timer behind', async () => {
    await using project = await Project.with({ 'timer.ts': `setInterval(() => {}, 1000);\n${SCALING}` });
    expect((await project.crystallize(['run', 'timer.ts'])).code).toBe(0);
  });

  test("keeps back Node's advice on package.json, and no other warning", async () => {
    const warning = SCALING.concat("\nprocess.emitWarning('mind the gap');");
    await using project = await Project.with({ 'scaling.ts': warning, 'package.json': '{}' });
    const { stderr } = await project.crystallize(['run', 'scaling.ts']);
    expect(stderr).toContain('Warning: mind the gap');
    expect(stderr).not.toContain('package.json');
  });

  test('a reader that goes away is no error', async () => {
    await using project = await Project.with({
      'scaling.ts': SCALING.replace("'as text'", "'x'.repeat(1e6)"),
    });
    const running = project.start(['run', 'scaling.ts', '--json']);
    running.process.stdout?.destroy();
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([0, 'scaling: 12 cells (3 conditions × 4 replicates), seed 42\n']);
  });
});
