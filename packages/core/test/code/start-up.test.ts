import { expect, test } from 'vitest';
import { codeOf } from './project.ts';

/** Whether Node has loaded its compiler of types, which takes tens of milliseconds. */
function compilerLoaded(): boolean {
  const loaded: readonly string[] = Reflect.get(process, 'moduleLoadList');
  return loaded.some((name) => name.includes('amaro'));
}

test('JavaScript and data need no compiler, and TypeScript leaves nothing changed behind', async () => {
  expect(compilerLoaded()).toBe(false);
  await codeOf('export const a = 1;', 'main.js');
  await codeOf('export const a = <p>1</p>;', 'main.jsx');
  await codeOf('{}', 'main.json');
  expect(compilerLoaded()).toBe(false);
  const { emitWarning } = process;
  await codeOf('export const a: number = 1;', 'main.ts');
  expect(compilerLoaded()).toBe(true);
  expect(process.emitWarning).toBe(emitWarning);
});
