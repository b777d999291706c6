import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tour } from '../demo/tour.ts';
import { verdict } from '../demo/verdict.ts';
import { exampleFolder, runNode } from './run-example.ts';

const graph = new URL('../penguins/penguins.graph.ts', import.meta.url).pathname;

/** What does not depend on when, where and how fast it ran. */
function numbersOf(output: string): string {
  return output.replaceAll(/ done in .*/g, '').replaceAll(/stored in .*/g, '');
}

test('the penguins run twice from the command line: the same numbers, each run a version of its own', async () => {
  await using folder = await exampleFolder();
  const run = () => runNode(folder.path, '../cli/src/main.ts', 'run', graph, '--replicates', '6');
  const first = await run();
  const second = await run();
  expect(first).toContain('penguin-training done');
  expect(first).toContain('30 cells (5 conditions × 6 replicates), seed 42');
  expect(first).toMatch(/\* ranked best by 'accuracy': scaled/);
  expect(first).toContain(join(folder.path, 'artifacts/penguin-evaluation/v0'));
  expect(second).toContain(join(folder.path, 'artifacts/penguin-evaluation/v1'));
  expect(numbersOf(second)).toBe(numbersOf(first));

  const model = 'replicate_5/scaled/fit/model.json';
  const [before, after] = await Promise.all(
    ['v0', 'v1'].map((version) =>
      readFile(join(folder.path, 'artifacts/penguin-training', version, model), 'utf8'),
    ),
  );
  expect(after).toBe(before);
  const fitted = JSON.parse(after ?? '') as { points: unknown[]; heldOut: number[]; k: number };
  expect(fitted).toMatchObject({ k: 5, points: { length: 206 }, heldOut: { length: 68 } });
  const table = await readFile(
    join(folder.path, 'artifacts/penguin-evaluation/v1/replicate_5/scaled/classify/predictions.csv'),
    'utf8',
  );
  const lines = table.trimEnd().split('\n').slice(1);
  expect(lines.map((line) => Number(line.split(',')[0])).sort((a, b) => a - b)).toEqual(
    fitted.heldOut.toSorted((a, b) => a - b),
  );
  expect(lines.every((line) => /^\d+,(Adelie|Chinstrap|Gentoo),(Adelie|Chinstrap|Gentoo)$/.test(line))).toBe(
    true,
  );

  expect(await verdict(join(folder.path, 'artifacts'))).toMatch(
    /^In short: 'scaled' is best. It recognises 9\d\.\d % of penguins that .* [89]\d\.\d % of\nthe Chinstraps .* baseline [78]\d/,
  );
  const text = await tour(join(folder.path, 'artifacts'));
  expect(text).toContain('v0/');
  expect(text).toMatch(/v1\/ +this run/);
  expect(text).toMatch(/scaled\/results\.json +the metrics of 6 replicates/);
  expect(text).toMatch(/fit\/model\.json +\d+\.\d KiB/);
  expect(text).toContain('and so on, to replicate_5');
  expect(text).toContain('line,species,predicted');
});
