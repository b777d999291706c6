import { after, type Closers } from './brackets.ts';
import { isMark, isName, type Token } from './token.ts';

/** @internal Index of the token after the statement that a token belongs to, as far as lines and brackets tell. */
export function statementEnd(tokens: readonly Token[], closers: Closers, from: number): number {
  for (let index = from; index < tokens.length; index = after(closers, index)) {
    const token = tokens[index];
    if (isMark(token, ';')) return index + 1;
    if (isMark(token, ')', ']', '}') || (index > from && startsStatement(tokens, index))) return index;
  }
  return tokens.length;
}

/** Whether a statement starts at a token: it is first in its line, and goes on with nothing before. */
function startsStatement(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  const last = tokens[index - 1];
  if (!token?.afterNewline || isName(last, 'await', 'new', 'return', 'typeof', 'void')) return false;
  if (last?.kind === 'mark' && !isMark(last, ')', ']', '}', '++', '--')) return false;
  if (token.kind === 'template') return false;
  return token.kind !== 'mark' || isMark(token, '{', '++', '--', '~', '!', '@');
}

/** @internal Index of the first token of `export const name = …`, where the value starts at an index; else `undefined`. */
export function declarationStart(tokens: readonly Token[], value: number): number | undefined {
  const declared =
    isMark(tokens[value - 1], '=') &&
    tokens[value - 2]?.kind === 'name' &&
    isName(tokens[value - 3], 'const', 'let', 'var');
  if (!declared) return undefined;
  return isName(tokens[value - 4], 'export') ? value - 4 : value - 3;
}
