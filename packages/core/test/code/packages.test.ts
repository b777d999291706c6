import { expect, test } from 'vitest';
import { project } from './project.ts';

const manifest = (version?: string) => JSON.stringify({ name: 'x', version });

test('packages count by version, found from the file that imports them', async () => {
  const { code, write } = project({
    'main.ts': `import a from 'a';
import { b } from '@scope/b/deep.js';
import { Experiment } from '@crystallize/core';
import { readFile } from 'node:fs/promises';
import path from 'path';
import type { T } from 'types-only';
import { unused } from 'unused';
export * from 'c';
const d = await import('d');
a(b, d, Experiment, readFile, path);`,
    'node_modules/a/package.json': manifest('1.0.0'),
    'node_modules/@scope/b/package.json': manifest('2.0.0'),
    'node_modules/c/package.json': manifest('3.0.0'),
    'node_modules/d/package.json': manifest('4.0.0'),
  });
  const before = await code();
  expect(before.packages).toEqual({ '@scope/b': '2.0.0', a: '1.0.0', c: '3.0.0', d: '4.0.0' });
  expect(before.modules['main.ts']?.packages).toEqual(['@scope/b', 'a', 'c', 'd']);
  expect(before.uncovered).toEqual([]);
  write({ 'node_modules/a/package.json': manifest('1.0.1') });
  const known = await code('main.ts', { known: before });
  expect(known).toEqual({ ...before, packages: { ...before.packages, a: '1.0.1' } });
});

test('a package may have a version for each folder', async () => {
  const { packages } = await project({
    'main.ts': "import a from 'a';\nimport './lib/b.ts';\na();",
    'lib/b.ts': "import a from 'a';\na();",
    'node_modules/a/package.json': manifest('2.0.0'),
    'lib/node_modules/a/package.json': manifest('1.0.0'),
  }).code();
  expect(packages).toEqual({ a: '1.0.0 and 2.0.0' });
});

test('a package without a version is said', async () => {
  const { packages, uncovered } = await project({
    'main.ts':
      "import 'absent';\nimport x from 'constructor';\nx();\nimport 'unversioned';\nimport 'broken';",
    'node_modules/unversioned/package.json': manifest(),
    'node_modules/broken/package.json': '{',
  }).code();
  expect(packages).toEqual({});
  expect(uncovered).toEqual(
    ['absent', 'broken', 'constructor', 'unversioned'].map(
      (name) => `package '${name}' has no version that could be found: changes of it go unnoticed.`,
    ),
  );
});

test("a path into a package of Crystallize's is that package", async () => {
  const core = new URL('../../src/index.ts', import.meta.url).href;
  const text = (from: string, k: number) =>
    `import { Experiment, treatment } from '${from}';\nnew Experiment({ treatments: [treatment('a', { k: ${k} })] });`;
  const made = project({ 'main.ts': text(core, 1), 'other.ts': text('@crystallize/core', 2) });
  const { modules, packages, uncovered } = await made.code();
  expect([packages, uncovered]).toEqual([{}, []]);
  expect(modules['main.ts']?.code).toBe((await made.code('other.ts')).modules['other.ts']?.code);
});
