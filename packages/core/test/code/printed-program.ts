import fc from 'fast-check';

/** How a program is written down; nothing of it changes what it means. */
export interface Layout {
  readonly semicolons: boolean;
  readonly trailingCommas: boolean;
  readonly quote: "'" | '"';
  /** What stands between two tokens, cyclically; all of it is space or comment on one line. */
  readonly gaps: readonly string[];
  /** What ends a line. */
  readonly end: string;
}

export const layouts: fc.Arbitrary<Layout> = fc.record({
  semicolons: fc.boolean(),
  trailingCommas: fc.boolean(),
  quote: fc.constantFrom("'" as const, '"' as const),
  gaps: fc.array(fc.constantFrom(' ', '\t', '  ', ' /* c */ ', ' /* "q" ` */ '), { minLength: 1 }),
  end: fc.constantFrom('\n', '\r\n', '\n\n', " // it's `a` comment\n", '\n/* a\nb */'),
});

/** A piece of a program, as nested lists; the first entry of each says what it is. */
export interface Node extends ReadonlyArray<string | Node> {}

const name = fc.constantFrom('a', 'b', 'value', 'ctx');

const { statement } = fc.letrec<{ statement: Node; expression: Node }>((tie) => {
  const e = tie('expression');
  const s = tie('statement');
  return {
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      name.map((text): Node => ['name', text]),
      fc.nat(20).map((n): Node => ['number', String(n)]),
      fc.constantFrom('', 'x', 'a b', '// c', '/*', 'it`s').map((text): Node => ['string', text]),
      fc.constantFrom('/a/g', '/[/*]+/', '/"/').map((text): Node => ['regex', text]),
      fc.tuple(fc.constantFrom('-', '!', 'typeof'), e).map(([op, x]): Node => ['unary', op, x]),
      fc
        .tuple(fc.constantFrom('+', '-', '/', '*', '===', ','), e, e)
        .map(([op, x, y]): Node => ['binary', op, x, y]),
      fc.tuple(e, fc.array(e, { maxLength: 3 })).map(([f, xs]): Node => ['call', f, ...xs]),
      fc
        .array(fc.oneof(e, fc.constant<Node>(['hole'])), { maxLength: 3 })
        .map((xs): Node => ['array', ...xs]),
      fc.array(e, { maxLength: 2 }).map((xs): Node => ['template', ...xs]),
      fc
        .array(fc.tuple(name, e), { maxLength: 2 })
        .map((xs): Node => ['object', ...xs.map(([k, v]): Node => [k, v])]),
      fc.array(s, { maxLength: 2 }).map((xs): Node => ['function', ...xs]),
    ),
    statement: fc.oneof(
      { maxDepth: 3 },
      e.map((x): Node => ['do', x]),
      fc.tuple(name, e).map(([n, x]): Node => ['set', n, x]),
      e.map((x): Node => ['return', x]),
      fc.constant<Node>(['return']),
      fc.tuple(e, fc.oneof(s, fc.constant<Node>(['empty']))).map(([x, y]): Node => ['if', x, y]),
      fc.tuple(e, fc.array(s, { maxLength: 2 })).map(([x, ys]): Node => ['for', x, ...ys]),
    ),
  };
});

/** Bodies of functions. */
export const programs: fc.Arbitrary<readonly Node[]> = fc.array(statement, { maxLength: 4 });

/** Writes a program down. */
export function print(program: readonly Node[], layout: Layout): string {
  let gap = 0;
  const space = () => layout.gaps[gap++ % layout.gaps.length] ?? ' ';
  const words = (...parts: readonly string[]) => parts.filter((part) => part !== '').join(space());
  const list = (items: readonly string[]) =>
    items.map((item, index) => (index < items.length - 1 ? words(item, ',') : item)).join(space()) +
    (layout.trailingCommas && items.length > 0 && items.at(-1) !== '' ? ',' : '');

  const node = (part: string | Node | undefined) => expr(part as Node);
  function expr([kind, ...parts]: Node): string {
    const [first, second, third] = parts;
    switch (kind) {
      case 'string':
        return layout.quote + first + layout.quote;
      case 'unary':
        return words('(', first as string, node(second), ')');
      case 'binary':
        return words('(', node(second), first as string, node(third), ')');
      case 'call':
        return words('(', node(first), ')', '(', list(parts.slice(1).map(node)), ')');
      case 'array': {
        const items = parts.map((part) => (part[0] === 'hole' ? '' : node(part)));
        // A hole at the end needs its comma.
        return words('[', list(items) + (items.at(-1) === '' ? ',' : ''), ']');
      }
      case 'template':
        return `\`t ${parts.map((part) => `\${${space()}${node(part)}${space()}} t`).join('')}\``;
      case 'object':
        return words(
          '(',
          '{',
          list((parts as readonly Node[]).map(([key, value]) => words(key as string, ':', node(value)))),
          '}',
          ')',
        );
      case 'function':
        return words('(', 'function', '(', ')', '{', block(parts as readonly Node[]), '}', ')');
      default:
        return first as string;
    }
  }

  /** A statement, and whether a semicolon may end it. */
  function stmt([kind, ...parts]: Node): readonly [string, boolean] {
    const [first, second] = parts;
    switch (kind) {
      case 'do':
        return [words('void', node(first)), true];
      case 'set':
        return [words('var', first as string, '=', node(second)), true];
      case 'return':
        return [first === undefined ? 'return' : words('return', node(first)), true];
      case 'if': {
        const [text, semicolon] = stmt(second as Node);
        return [words('if', '(', node(first), ')', text), semicolon];
      }
      case 'for':
        return [
          words('for', '(', ';', node(first), ';', ')', '{', block(parts.slice(1) as readonly Node[]), '}'),
          false,
        ];
      default:
        return [';', false];
    }
  }

  function block(statements: readonly Node[]): string {
    return statements
      .map((one) => {
        const [text, semicolon] = stmt(one);
        return text + (semicolon && layout.semicolons ? ';' : '') + layout.end;
      })
      .join('');
  }
  return block(program);
}
