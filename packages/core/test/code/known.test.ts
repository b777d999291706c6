import { expect, test } from 'vitest';
import { project } from './project.ts';

const files = {
  'main.ts': "import { a } from './a.ts';\nimport { b } from './b.ts';\na(b);",
  'a.ts': 'export const a = (n: number) => n;',
  'b.ts': "export const b = await import('./c.ts');",
};

test('a module that is known is taken as it is known, and what it imports is followed', async () => {
  const { code, write } = project(files);
  const before = await code();
  const known = {
    ...before,
    modules: Object.fromEntries(
      Object.entries(before.modules).map(([key, module]) => [key, { ...module, code: `known ${key}` }]),
    ),
  };
  const again = await code('main.ts', { known });
  expect(again.modules['main.ts']?.code).toBe('known main.ts');
  expect(again.modules['a.ts']?.code).toBe('known a.ts');
  expect(Object.keys(again.modules)).toEqual(['a.ts', 'b.ts', 'main.ts']);
  write({ 'a.ts': `${files['a.ts']}// other bytes` });
  expect((await code('main.ts', { known })).modules['a.ts']?.code).toBe(before.modules['a.ts']?.code);
});

test('what can not be covered is said again', async () => {
  const { code } = project(files);
  const before = await code();
  expect(before.uncovered).toHaveLength(1);
  expect(await code('main.ts', { known: before })).toEqual(before);
});
