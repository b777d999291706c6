import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalModules } from '../../src/wire/local-module.ts';
import { IN_PACKAGE, IN_ROOT, portableModule, portableUrl, rootOf } from '../../src/wire/portable-module.ts';

let base = '';
let root = '';

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'crystallize-modules-')));
  root = join(base, 'project');
  for (const folder of ['src/deep', 'node_modules/other'])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'package.json'), '{"name":"project"}');
  await writeFile(join(root, 'node_modules/other/package.json'), '{"name":"other"}');
  for (const file of ['src/deep/a file.ts', 'node_modules/other/index.js', '../outside.ts']) {
    await writeFile(join(root, file), '');
  }
  await symlink(join(base, 'outside.ts'), join(root, 'src/link.ts'));
});

afterAll(() => rm(base, { recursive: true, force: true }));

const url = (path: string) => pathToFileURL(join(root, path)).href;

test('a module of the project is found at its place on the other machine', async () => {
  const moved = join(base, 'moved');
  await mkdir(join(moved, 'src/deep'), { recursive: true });
  await writeFile(join(moved, 'src/deep/a file.ts'), '');
  const portable = portableModule(url('src/deep/a file.ts'), rootOf(url('src/deep/a file.ts')));
  expect(portable).toBe(`${IN_ROOT}src/deep/a%20file.ts`);
  expect(new LocalModules(moved).importable(portable)).toBe(
    pathToFileURL(join(moved, 'src/deep/a file.ts')).href,
  );
});

test('a module of a package is named by the package', () => {
  expect(portableModule(url('node_modules/other/index.js'), rootOf(url('src/deep/a file.ts')))).toBe(
    `${IN_PACKAGE}other#index.js`,
  );
});

test.each([
  ['a place above the project', `${IN_ROOT}../outside.ts`],
  ['dots that lead out of it', `${IN_ROOT}src/../../outside.ts`],
  ['dots in disguise', `${IN_ROOT}src/%2e%2e/%2e%2e/outside.ts`],
  ['an absolute path', `${IN_ROOT}/etc/passwd`],
  ['another scheme', `${IN_ROOT}data:text/javascript,1`],
  ['a web address', 'https://example.org/a.js'],
  ['a data: URL', 'data:text/javascript,1'],
  ['a file: URL', 'file:///etc/passwd'],
  ['a link that leads out of it', `${IN_ROOT}src/link.ts`],
  ['what is installed in it', `${IN_ROOT}node_modules/other/index.js`],
  ['a package that is none of ours', `${IN_PACKAGE}other#index.js`],
  ['a path in the place of a package', `${IN_PACKAGE}@crystallize/../../other#index.js`],
  ['what is not there', `${IN_ROOT}src/missing.ts`],
])('%s is not imported', (_, module) => {
  expect(() => new LocalModules(root).importable(module)).toThrow(
    expect.objectContaining({ code: 'QUEUE_MODULE_FOREIGN' }),
  );
});

test('no path that is written into Redis leads out of the project', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    'src',
    'deep',
    '%2e%2e',
    '%2f',
    '\\',
    '/',
    'link.ts',
    'a%20file.ts',
    '%00',
    '?',
    '#',
    ':',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('/', ''), (pieces, glue) => {
      let found: string;
      try {
        found = new LocalModules(root).importable(IN_ROOT + pieces.join(glue));
      } catch (error) {
        expect(error).toMatchObject({ code: 'QUEUE_MODULE_FOREIGN' });
        return;
      }
      expect(new URL(found).pathname).toBe(new URL(url('src/deep/a file.ts')).pathname);
    }),
  );
});

test('a place in the project is found here, and one outside of it is refused', () => {
  const modules = new LocalModules(root);
  expect(modules.placed(`${IN_ROOT}data/not-there-yet`)).toBe(url('data/not-there-yet'));
  expect(() => modules.placed(`${IN_ROOT}../outside`)).toThrow('it lies outside of');
});

test('any other text stays what it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(portableUrl(text, 'file:///somewhere/')).toBe(text);
      expect(new LocalModules(root).placed(text)).toBe(text);
    }),
  );
});
