import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exampleFolder, runNode } from './run-example.ts';

test('hello says that the best of two dice is higher than one die', async () => {
  await using folder = await exampleFolder();
  // 3.5 and 161/36 are expected; seed 42 gives these.
  expect(await runNode(folder.path, 'hello/hello.ts')).toBe(
    'The best of one die is 3.42 on average,\nof two dice 4.39.\n',
  );
});

test('prompts gives the same grades however its calls overlap and are refused', async () => {
  await using folder = await exampleFolder();
  const outputs = await Promise.all([1, 2].map(() => runNode(folder.path, 'prompts/prompts.experiment.ts')));
  for (const output of outputs) {
    expect(output).toMatch(/^baseline {6}40 of 60 correct, [1-9]\d* asked more than once$/m);
    expect(output).toMatch(/^step-by-step {2}55 of 60 correct, [1-9]\d* asked more than once$/m);
    expect(output).toMatch(/^p = 0\.000041$/m);
  }
});

test('custom-plugin leaves a line of JSON for each cell and one for the end', async () => {
  await using folder = await exampleFolder();
  for (let run = 0; run < 2; run++) {
    const output = await runNode(folder.path, 'custom-plugin/tracked.experiment.ts');
    expect(output).toBe('10 cells ran. artifacts/random-walk.jsonl tells of each.\n');
  }
  const text = await readFile(join(folder.path, 'artifacts/random-walk.jsonl'), 'utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toHaveLength(2 * 11);
  expect(new Set(lines.map(({ run }) => run)).size).toBe(2);
  expect(lines.slice(0, 10).map(({ condition }) => condition)).toEqual(
    Array.from({ length: 5 }, () => ['baseline', 'longer']).flat(),
  );
  expect(lines[0]).toMatchObject({ experiment: 'random-walk', replicate: 0, status: 'done', distance: 16 });
  expect(lines[10]).toMatchObject({ experiment: 'random-walk', status: 'done' });
});

test('sweep tries all eight combinations, and finds that scaling matters most', async () => {
  await using folder = await exampleFolder();
  const lines = (await runNode(folder.path, 'sweep/sweep.experiment.ts')).trimEnd().split('\n');
  expect(lines).toHaveLength(8);
  expect(lines[0]).toBe('k=5,scaled=true    98.7 %');
  expect(lines.slice(0, 4).every((line) => line.includes('scaled=true'))).toBe(true);
});
