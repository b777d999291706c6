import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from './project.ts';

const require = createRequire(import.meta.url);
const half = 'export const half = (n) => n / 2;';
const text = `import { half } from './half.js';
export const functions = [
  (n) => n + 1, // the first
  { async run(data, ctx) { const it = half(data); return it / 2 } }.run,
  class Step { get version() { return '1' }
    run(data) { return /a/.test(data) } },
];
`;

/** The code of a module whose functions a version stands for, as Node itself loads them. */
async function code(main: string, versions: readonly string[]) {
  const { dir, code: describe } = project({ 'main.js': main, 'half.js': half });
  const loaded: { readonly functions: readonly Function[] } = require(join(dir, 'main.js'));
  const versioned = versions.map((version, index) => ({
    version,
    functions: loaded.functions.slice(index, index + 1),
  }));
  return (await describe('main.js', { versioned })).modules;
}

test('a version stands for the text of a function, of a method and of a class', async () => {
  const before = await code(text, ['1', '1', '1']);
  expect(before).not.toEqual(await code(text, []));
  const edited = text.replace('n + 1', 'n + 2').replace('it / 2', 'it / 3').replace('/a/', '/b/');
  const hash = async (main: string, versions: readonly string[]) =>
    (await code(main, versions))['main.js']?.code;
  expect(await hash(edited, ['1', '1', '1'])).toBe(before['main.js']?.code);
  expect(await hash(edited, ['1', '2', '1'])).not.toBe(before['main.js']?.code);
  expect(await hash(edited, ['1', '1'])).not.toBe(await hash(text, ['1', '1']));
  expect(await hash(`${text}export const more = 1;`, ['1', '1', '1'])).not.toBe(before['main.js']?.code);
});

test('a function with a version may hold another', async () => {
  const nested = (n: number) =>
    `export const functions = [(n) => n + 1, (list) => list.map((n) => n + 1).slice(${n})];`;
  const hash = async (n: number) => (await code(nested(n), ['1', '2']))['main.js']?.code;
  expect(await hash(1)).toBe(await hash(2));
});

test('a module that only such a function imports counts', async () => {
  const modules = await code(text, ['1', '1', '1']);
  expect(Object.keys(modules)).toEqual(['half.js', 'main.js']);
  expect(modules['main.js']?.imports).toEqual(['half.js']);
});

test('a text that is not in the file, as after a loader, replaces nothing', async () => {
  const made = project({ 'main.js': text, 'half.js': half });
  const versioned = [{ version: '1', functions: [(n: number) => n + 12_345] }];
  expect(await made.code('main.js', { versioned })).toEqual(await made.code('main.js'));
});
