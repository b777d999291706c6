import { expect, test } from 'vitest';
import { functionFingerprint } from '../../src/code/function-fingerprint.ts';

/** A function with exactly this text. */
const made = (text: string): Function => new Function(`return (${text}\n)`)();
const print = (...texts: readonly string[]) => functionFingerprint(texts.map(made));

test('comments and layout make no difference, and all else does', async () => {
  const plain = await print('(a, b) => { return a + b }');
  expect(plain).toMatch(/^[0-9a-f]{64}$/);
  expect(await print('( a,b, ) => {\n // sum\n return a + b;\n}')).toBe(plain);
  expect(await print('(a, b) => { return a - b }')).not.toBe(plain);
  expect(await print('(a, c) => { return a + c }')).not.toBe(plain);
});

test('how many functions there are, and in which order, is told apart', async () => {
  const [a, b] = ['() => 1', '() => 2'] as const;
  const prints = await Promise.all([print(), print(a), print(a, a), print(a, b), print(b, a)]);
  expect(new Set(prints).size).toBe(prints.length);
});

test('native and bound functions have one', async () => {
  expect(await functionFingerprint([Math.max])).not.toBe(await functionFingerprint([Math.min]));
  expect(await functionFingerprint([made('() => 1').bind(null)])).toMatch(/^[0-9a-f]{64}$/);
});

test('a toString of its own makes no difference', async () => {
  const disguised = Object.assign(made('() => 1'), { toString: () => 'else' });
  expect(await functionFingerprint([disguised])).toBe(await print('() => 1'));
});
