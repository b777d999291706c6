import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeCode } from '../../src/code/describe-code.ts';
import { project } from './project.ts';

const files = {
  'src/main.ts': `import { a } from '../lib/a.ts';
import type { T } from './types.ts';
import { type U } from './types.ts';
import './effect.ts';
export * from './again.js';
export const x: T & U = a(1);
`,
  'src/types.ts': 'export type T = 1; export type U = 2;',
  'src/effect.ts': 'globalThis.seen = true;',
  'src/again.ts': "export { b } from './deep';",
  'src/deep/index.mts': "import rows from './rows.json' with { type: 'json' };\nexport const b = rows;",
  'src/deep/rows.json': '[1, 2]',
  'lib/a.ts': "import { x } from '../src/main.ts';\nexport const a = (n: number) => n + (x ?? 0);",
  'lib/unrelated.ts': 'export {};',
};

test('static relative imports and re-exports are followed, round in circles too; those of types are not', async () => {
  const { modules, uncovered } = await project(files).code('src/main.ts');
  expect(uncovered).toEqual([]);
  expect(Object.fromEntries(Object.entries(modules).map(([key, { imports }]) => [key, imports]))).toEqual({
    '../lib/a.ts': ['main.ts'],
    'again.ts': ['deep/index.mts'],
    'deep/index.mts': ['deep/rows.json'],
    'deep/rows.json': [],
    'effect.ts': [],
    'main.ts': ['../lib/a.ts', 'again.ts', 'effect.ts'],
  });
  expect(Object.keys(modules)).toEqual(Object.keys(modules).sort());
});

test('an edit changes the entry of its module and no other', async () => {
  const { code, write } = project(files);
  const before = await code('src/main.ts');
  for (const [name, key] of [
    ['lib/a.ts', '../lib/a.ts'],
    ['src/deep/rows.json', 'deep/rows.json'],
    ['src/effect.ts', 'effect.ts'],
  ] as const) {
    write({
      ...files,
      [name]: files[name].replace('true', 'false').replace('n +', 'n -').replace('[1', '[3'),
    });
    const { modules } = await code('src/main.ts');
    const changed = Object.keys(modules).filter((one) => modules[one]?.code !== before.modules[one]?.code);
    expect(changed).toEqual([key]);
  }
  write({ ...files, 'src/types.ts': 'export type T = 3;', 'lib/unrelated.ts': 'export const y = 1;' });
  expect(await code('src/main.ts')).toEqual(before);
});

test('data counts by its bytes, layout and all', async () => {
  const { code, write } = project(files);
  const before = (await code('src/main.ts')).modules['deep/rows.json'];
  expect(before?.code).toBe(before?.raw);
  write({ 'src/deep/rows.json': '[1,2]' });
  expect((await code('src/main.ts')).modules['deep/rows.json']?.code).not.toBe(before?.code);
});

test('a comment changes what the file is, and not what its code is', async () => {
  const { code, write } = project(files);
  const before = (await code('src/main.ts')).modules['../lib/a.ts'];
  write({ 'lib/a.ts': `${files['lib/a.ts']} // more` });
  const now = (await code('src/main.ts')).modules['../lib/a.ts'];
  expect(now?.code).toBe(before?.code);
  expect(now?.raw).not.toBe(before?.raw);
});

test('a link is taken by the path of the import', async () => {
  const { code, dir } = project({ 'main.ts': "import './linked.ts';", 'real/a.ts': '1;' });
  symlinkSync(join(dir, 'real/a.ts'), join(dir, 'linked.ts'));
  expect(Object.keys((await code()).modules)).toEqual(['linked.ts', 'main.ts']);
});

test('TypeScript that can only be transformed counts without its layout too', async () => {
  const { code, write } = project({ 'main.ts': 'enum A { b }\nexport const x = A.b;' });
  const before = await code();
  write({ 'main.ts': 'enum A {\n  b, // the only one\n}\nexport const x: number = A.b' });
  expect(await code()).toMatchObject({
    modules: { 'main.ts': { code: before.modules['main.ts']?.code } },
    uncovered: [],
  });
  write({ 'main.ts': 'enum A { c }\nexport const x = A.c;' });
  expect((await code()).modules['main.ts']?.code).not.toBe(before.modules['main.ts']?.code);
});

test('a module with JSX counts by its bytes, its imports are followed, and that is said', async () => {
  const { modules, uncovered } = await project({
    'main.tsx': `import { a } from './a.ts';\nimport type { T } from './t.ts';\nimport { type U } from './t.ts';
export const view = <p title="it's">don't {a as T}</p>;`,
    'a.ts': 'export const a = 1;',
  }).code('main.tsx');
  expect(Object.keys(modules)).toEqual(['a.ts', 'main.tsx']);
  expect(modules['main.tsx']?.code).toBe(modules['main.tsx']?.raw);
  expect(uncovered).toEqual(["'main.tsx' has JSX, so that its comments and layout count as well."]);
});

test('TypeScript that is none counts by its bytes, and that is said', async () => {
  const { modules, uncovered } = await project({
    'main.ts': "import './a.ts';\nlet x: = 1;",
    'a.ts': '',
  }).code();
  expect(modules['main.ts']).toMatchObject({ code: modules['main.ts']?.raw, imports: ['a.ts'] });
  expect(uncovered).toHaveLength(1);
  expect(uncovered[0]).toContain("'main.ts' has syntax that Node can not strip the types of");
});

test('what is loaded while it runs, or from outside, is said and not followed', async () => {
  const { modules, uncovered } = await project({
    'main.ts': `import '#inside';
import '/absolute/a.js';
import { x } from 'https://example.org/x.js';
import './missing.ts';
import 'node:fs';
import 'path';
const a = await import('./later.ts');
const b = await import(name);
const c = require('./old.cjs');
x(a, b, c);
if (import.meta.main) await import('./main-only.ts');
`,
    'later.ts': '1;',
  }).code();
  expect(Object.keys(modules)).toEqual(['main.ts']);
  expect(uncovered).toEqual([
    "'main.ts' imports '#inside', which is neither a relative path nor a package: changes there go unnoticed.",
    "'main.ts' imports './missing.ts', which is not there: changes of it go unnoticed.",
    "'main.ts' imports '/absolute/a.js', which is neither a relative path nor a package: changes there go unnoticed.",
    "'main.ts' imports 'https://example.org/x.js', which is neither a relative path nor a package: changes there go unnoticed.",
    "'main.ts' loads './later.ts' while it runs, which is not followed: changes there go unnoticed.",
    "'main.ts' loads './old.cjs' while it runs, which is not followed: changes there go unnoticed.",
    "'main.ts' loads a module that its text does not name while it runs, which is not followed: changes there go unnoticed.",
  ]);
});

test('what is only named like an import loads nothing', async () => {
  const { uncovered } = await project({
    'main.ts':
      'const a = { import(x) { return x }, require(x) { return x } };\na.import(1);\na.require("./b.js");\nimport.meta.url;',
  }).code();
  expect(uncovered).toEqual([]);
});

test.each([
  ['no module', undefined, 'no file constructed'],
  ['a module that is no file', 'data:text/javascript,1', 'no file constructed'],
  ['no absolute path', './main.ts', 'no file constructed'],
  ['a file that is gone', 'file:///nowhere/main.ts', "'main.ts' is not there"],
  ['a folder', 'file:///tmp/', 'is not there'],
])('without a file there is no module, and that is said: %s', async (_what, module, sentence) => {
  const described = await describeCode({ scripts: [module], versioned: [] });
  expect(described).toEqual({ modules: {}, packages: {}, uncovered: [expect.stringContaining(sentence)] });
});

test('a file that is there and can not be read is said, and nothing else is lost by it', async () => {
  const { code, dir } = project({
    'main.ts': "import './loop.ts';\nimport './a%2Fb.ts';\nimport 'file://elsewhere/c.ts';\nimport './d.ts';",
    'd.ts': '',
  });
  symlinkSync('loop.ts', join(dir, 'loop.ts'));
  const { modules, uncovered } = await code();
  expect(Object.keys(modules)).toEqual(['d.ts', 'main.ts']);
  expect(uncovered).toEqual([
    "'loop.ts' can't be read (ELOOP): changes of it go unnoticed.",
    "'main.ts' imports './a%2Fb.ts', which is not there: changes of it go unnoticed.",
    "'main.ts' imports 'file://elsewhere/c.ts', which is neither a relative path nor a package: changes there go unnoticed.",
  ]);
});

test('names that need escapes in a URL, and queries, lead to their file', async () => {
  const { modules } = await project({
    'main.ts': "import './my%20file.ts?v=1';\nimport './ünï.ts';",
    'my file.ts': '',
    'ünï.ts': '',
  }).code();
  expect(Object.keys(modules)).toEqual(['main.ts', 'my file.ts', 'ünï.ts']);
});
