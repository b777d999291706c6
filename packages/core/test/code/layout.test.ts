import { expect, test } from 'vitest';
import { codeOf } from './project.ts';

const base = `import { mean } from 'somewhere';
export function centred(values, by = 'mean') {
  const middle = mean(values);
  if (by === 'none') return values;
  return values.map((value) => value - middle);
}
`;

test.each([
  ['comments', `// about\n${base.replace('{\n', '{ /* why\n */\n')}// the end`],
  ['a hashbang', `#!/usr/bin/env node\n${base}`],
  ['a byte order mark', `\ufeff${base}`],
  ['ends of lines', base.replaceAll('\n', '\r\n')],
  ['spaces', base.replaceAll('  ', '\t').replaceAll(' => ', '=>\n')],
  ['semicolons', base.replaceAll(';', '')],
  ['trailing commas', base.replace("'mean')", "'mean',)").replace('middle)', 'middle,)')],
  ['the kind of quotes', base.replaceAll("'", '"')],
  [
    'types',
    `import type { Row } from './row.ts';\ninterface Options { readonly by: string }\n${base
      .replace('values,', 'values: readonly number[],')
      .replace("'mean')", "'mean'): number[]")
      .replace('(value)', '(value: number): number')
      .replace('mean(values)', 'mean<number>(values) as number')}`,
  ],
])('%s make no difference', async (_what, changed) => {
  expect(changed).not.toBe(base);
  expect(await codeOf(changed)).toBe(await codeOf(base));
});

test.each([
  ['the name of a variable', base.replaceAll('middle', 'centre')],
  ['a text', base.replace("'none'", "'nothing'")],
  ['an operator', base.replace('value - middle', 'value + middle')],
  ['the order of statements', base.replace(/( {2}const.*\n)( {2}if.*\n)/, '$2$1')],
  ['a default', base.replace("= 'mean'", "= 'median'")],
  ['what a name of a package stands for', base.replace('{ mean }', '{ median as mean }')],
  ['which package a name is of', base.replace("'somewhere'", "'somewhere/else'")],
])('%s makes a difference', async (_what, changed) => {
  expect(changed).not.toBe(base);
  expect(await codeOf(changed)).not.toBe(await codeOf(base));
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: The text of a program.
/** Texts that only their layout tells apart: they do not mean the same. */
test.each([
  ['a list of two and a difference', '[1, -1]', '[1 -1]'],
  ['two arguments and a call', 'f(a, (b))', 'f(a(b))'],
  ['a hole and none', '[1, ,]', '[1, ]'],
  ['an empty list and a hole', '[]', '[,]'],
  ['statements and a call', 'a;\n(b)', 'a\n(b)'],
  ['statements and an index', 'a;\n[b]', 'a\n[b]'],
  ['statements and a division', 'a;\n/b/g.c', 'a\n/b/g.c'],
  ['statements and a tag', 'a;\n`b`', 'a\n`b`'],
  ['a guarded statement and none', 'if (a);\nb()', 'if (a)\nb()'],
  ['an else and none', 'if (a) b\nelse;\nc()', 'if (a) b\nelse\nc()'],
  ['a return of nothing and of something', '() => { return; a }', '() => { return a }'],
  ['a return that a line ends and one that goes on', '() => { return\na }', '() => { return a }'],
  ['the parts of a loop', 'for (;a;) b()', 'for (;;a) b()'],
  ['the start and the end of a loop', 'for (a;;) b()', 'for (;a;) b()'],
  ['an increment before and after', 'a; ++b', 'a++; b'],
  ['a static field and none', 'class A { static; a(){} }', 'class A { static a(){} }'],
  ['spaces in a text', '"a b"', '"a  b"'],
  ['a comment in a text', '"a//b"', '"a//c"'],
  ['a comment in a template', '`a/*b*/`', '`a/*c*/`'],
  ['spaces in a template', '`a ${b} c`', '`a ${b}  c`'],
  ['what a template holds', '`${a}${b}`', '`${b}${a}`'],
  ['a regular expression', 'x = /a b/', 'x = /a  b/'],
  ['a regular expression with a comment in it', 'x = /[/*]/ // a', 'x = /[/+]/ // a'],
  ['a regular expression after a bracket', 'if (x) /a  b/.test(y)', 'if (x) /a b/.test(y)'],
  ['two words and one', 'x = new Y', 'x = newY'],
  ['a text and a name', 'x = "a"', 'x = a'],
  ['a text and a template', 'x = "a"', 'x = `a`'],
  ['an escaped quote and a backslash', String.raw`'\\'`, String.raw`'\''`],
])('%s are told apart', async (_what, one, other) => {
  expect(await codeOf(one, 'a.js')).not.toBe(await codeOf(other, 'a.js'));
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: The text of a program.
test.each([
  ['a division', 'x = (a) / b / c', 'x = (a)/b/c // no regular expression'],
  ['a division after an index', 'x = a[0] / b /c.d', 'x = a[0]/b/c.d'],
  ['a return that a line ends', '() => { return\na }', '() => { return; a }'],
  ['a list of statements', 'a()\nb()\n', '{;a();;b();}'.slice(1, -1)],
  ['an empty statement', 'if (a);\nb()', 'if (a) ;b();'],
  ['a statement in brackets', 'a\n;(b)', 'a;\n(b);'],
  ['a template over lines', '`a\nb`', '`a\r\nb`'],
  ['quotes in quotes', String.raw`'it\'s "x"'`, String.raw`"it's \"x\""`],
  ['a text over lines', "'a\\\nb'", '"a\\\r\nb"'],
])('%s is the same in another layout', async (_what, one, other) => {
  expect(await codeOf(one, 'a.js')).toBe(await codeOf(other, 'a.js'));
});

test('a type that stood between two statements leaves no trace', async () => {
  expect(await codeOf('const a = f()\ntype T = 1\ng()')).toBe(await codeOf('const a = f()\ng()'));
  expect(await codeOf("import { type A, type B } from './a.ts'\ng()")).toBe(await codeOf('g()'));
  expect(await codeOf("export type { A } from './a.ts'\ng()")).toBe(await codeOf('g()'));
});
