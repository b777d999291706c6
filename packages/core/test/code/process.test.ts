import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunDefinition } from '@crystallize/core';
import { expect, test } from 'vitest';
import { project } from './project.ts';

const run = promisify(execFile);

const main = `import { Experiment, pipelineStep, treatment } from '@crystallize/core';
import { half } from './half.ts';
type Row = number;
const fit = pipelineStep({
  name: 'fit',
  version: '1',
  run(data: Row, ctx): number {
    ctx.record('m', data as number); // what is measured
    return half(data)
  },
});
export const experiment = new Experiment({
  datasource: { fetch: (ctx): Row => ctx.replicate },
  pipeline: [fit()],
  treatments: [treatment('t', (ctx) => ctx.add('k', 1))],
  replicates: 2,
});
if (import.meta.main) {
  const { provenance } = await experiment.run();
  console.log(JSON.stringify(await provenance.definition()));
}
`;
const files = {
  'main.ts': main,
  'half.ts': 'export const half = (n: number): number => n / 2;',
  'elsewhere/other.ts': `import { experiment } from '../main.ts';
console.log(JSON.stringify(await (await experiment.run()).provenance.definition()));`,
};

interface Told {
  readonly definition: RunDefinition;
  readonly stderr: string;
}

async function told(dir: string, file: string, ...options: readonly string[]): Promise<Told> {
  const args = ['--conditions=crystallize-source', ...options, join(dir, file)];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: dir });
  return { definition: JSON.parse(stdout), stderr };
}

test('the main module and one that imports it tell the same, and nothing is printed', async () => {
  const { dir } = project(files);
  const asMain = await told(dir, 'main.ts');
  expect(asMain.stderr).toBe('');
  expect(asMain.definition.code.uncovered).toEqual([]);
  expect(Object.keys(asMain.definition.code.modules)).toEqual(['half.ts', 'main.ts']);
  expect(await told(dir, 'elsewhere/other.ts')).toEqual(asMain);
});

test('a step with a version may be edited, as Node strips its types; others may not', async () => {
  const { dir, write } = project(files);
  const before = await told(dir, 'main.ts');
  write({ 'main.ts': main.replace('half(data)', 'half(data as Row) + 1') });
  const edited = await told(dir, 'main.ts');
  const module = edited.definition.code.modules['main.ts'];
  expect(module?.raw).not.toBe(before.definition.code.modules['main.ts']?.raw);
  expect(module?.code).toBe(before.definition.code.modules['main.ts']?.code);
  expect(edited.definition.pipeline).toEqual(before.definition.pipeline);
  write({ 'main.ts': main.replace('ctx.replicate', 'ctx.seed') });
  const other = await told(dir, 'main.ts');
  expect(other.definition.code.modules['main.ts']?.code).not.toBe(module?.code);
  expect(other.definition.datasource).not.toBe(before.definition.datasource);
});

test('comments and layout of a treatment or of a datasource make no difference', async () => {
  const { dir, write } = project(files);
  const { definition } = await told(dir, 'main.ts');
  const { conditions, datasource } = definition;
  write({
    'main.ts': main
      .replace("(ctx) => ctx.add('k', 1)", "(ctx) => // why\n  ctx.add('k', 1,)")
      .replace('=> ctx.replicate', '=> /* index */ ctx.replicate'),
  });
  expect((await told(dir, 'main.ts')).definition).toMatchObject({ conditions, datasource });
  write({ 'main.ts': main.replace("'k', 1", "'k', 2") });
  const changed = (await told(dir, 'main.ts')).definition;
  expect(changed).toMatchObject({ pipeline: definition.pipeline, datasource });
  expect(changed.conditions['baseline']).toBe(conditions['baseline']);
  expect(changed.conditions['t']).not.toBe(conditions['t']);
});
