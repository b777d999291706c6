// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control sequences are what it is about
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAILING, GRAPH, SCALING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

/** Fails in its first cell under a treatment, and logs what a terminal would obey. */
const LOGGING = FAILING.replace('&& ctx.replicate > 0', '').replace(
  'ctx.record',
  "ctx.log('\\x1b[2Jwiped \\x1b]0;owned\\x07'); ctx.record",
);

describe('crystallize debug', () => {
  test('runs one replicate of the baseline and a treatment, tells what happens, and stores nothing', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH });
    const args = ['debug', 'graph.ts', '--experiment', 'training', '--treatment', 'k=2'];
    const { code, stderr } = await project.crystallize(args);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('loss = 1\n');
    expect(stderr).toContain('loss = 2\n');
    expect(existsSync(join(project.folder, 'runs'))).toBe(false);
  });

  test('ends with 1 at the first cell that fails, with its place and no control sequences', async () => {
    await using project = await Project.with({ 'failing.ts': LOGGING });
    const { code, stderr } = await project.crystallize(['debug', 'failing.ts', '-t', 'big']);
    expect(code).toBe(1);
    expect(stderr).toContain("failed in 'fit': k is too large");
    expect(stderr).toContain('at run (failing.ts:7:');
    expect(stderr).toContain('info: wiped');
    expect(stderr).not.toMatch(/\x1b|owned/);
  });

  test('is told which experiment of a graph, and which treatments there are', async () => {
    await using project = await Project.with({ 'graph.ts': GRAPH, 'scaling.ts': SCALING });
    const graph = await project.crystallize(['debug', 'graph.ts']);
    expect([graph.code, graph.stderr]).toEqual([
      2,
      "crystallize: One experiment at a time can be debugged, and a graph has several. Choose one: --experiment NAME, of 'training', 'testing'.\n",
    ]);
    const treatment = await project.crystallize(['debug', 'scaling.ts', '-t', 'triple']);
    expect(treatment.stderr).toContain("Did you mean 'tripled'?");
  });
});
