import { describe, expect, it } from 'vitest';
import { readMarkdown } from '../lib/markdown.ts';

const page = (...lines: readonly string[]): string => lines.join('\n');

describe('readMarkdown', () => {
  it('gives each fence with its language, its marks and the line of its code', () => {
    const { fences } = readMarkdown(
      page('# Title', '', '```ts title="a.ts"', 'const a = 1;', 'f(a);', '```'),
    );
    expect(fences).toEqual([
      { language: 'ts', marks: ['title="a.ts"'], line: 4, code: 'const a = 1;\nf(a);' },
    ]);
  });

  it('takes the indent of a list away from the code, and no more', () => {
    const { fences } = readMarkdown(page('- item', '  ```ts', '  if (a) {', '    b();', '', '  }', '  ```'));
    expect(fences[0]?.code).toBe('if (a) {\n  b();\n\n}');
  });

  it('keeps a shorter fence inside a longer one as code', () => {
    const { fences } = readMarkdown(page('````md', '```ts', 'a();', '```', '````'));
    expect(fences).toEqual([{ language: 'md', marks: [], line: 2, code: '```ts\na();\n```' }]);
  });

  it('gives code spans and the targets of links with their lines, and nothing of what stands in code', () => {
    const text = page(
      'See `src/a.ts` and `b`.',
      '[one](docs/one.md#part) ![two](two.png)',
      '```',
      '`c` [d](e)',
      '```',
    );
    const { spans, links } = readMarkdown(text);
    expect(spans).toEqual([
      { text: 'src/a.ts', line: 1 },
      { text: 'b', line: 1 },
    ]);
    expect(links).toEqual([
      { target: 'docs/one.md', line: 2 },
      { target: 'two.png', line: 2 },
    ]);
  });

  it('leaves links to other sites and inside the page alone', () => {
    expect(readMarkdown('[a](https://example.org/a) [b](#part) [c](mailto:c@example.org)').links).toEqual([]);
  });

  it('refuses a fence that is never closed, since all after it would go unchecked', () => {
    expect(() => readMarkdown(page('text', '```ts', 'a();'))).toThrow('before line 3 is never closed');
  });
});
