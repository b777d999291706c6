import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readModule } from '../../src/code/read-module.ts';
import { layouts, print, programs } from './printed-program.ts';

/** In a function, so that it may return. */
async function code(text: string): Promise<string | undefined> {
  const whole = `function f() {\n${text}\n}`;
  new Function(whole);
  return (await readModule('a.js', new TextEncoder().encode(whole), [])).code;
}

test('a program has one hash, however it is laid out', async () => {
  await fc.assert(
    fc.asyncProperty(programs, layouts, layouts, async (program, one, other) => {
      expect(await code(print(program, one))).toBe(await code(print(program, other)));
    }),
    { numRuns: 1000 },
  );
});

test('two programs have two hashes', async () => {
  const seen = new Map<string | undefined, string>();
  await fc.assert(
    fc.asyncProperty(programs, layouts, async (program, layout) => {
      const hash = await code(print(program, layout));
      const meaning = JSON.stringify(program);
      expect(seen.get(hash) ?? meaning).toBe(meaning);
      seen.set(hash, meaning);
    }),
    { numRuns: 2000 },
  );
});
