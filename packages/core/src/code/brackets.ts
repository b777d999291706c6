import { isMark, type Token } from './token.ts';

/** @internal Where each opening bracket or template closes, by index; without those that never do. */
export type Closers = ReadonlyMap<number, number>;

/** @internal Pairs the brackets of a list of tokens. */
export function pairBrackets(tokens: readonly Token[]): Closers {
  const closers = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (opens(token)) open.push(index);
    else if (closes(token)) {
      const start = open.pop();
      if (start !== undefined) closers.set(start, index);
    }
  });
  return closers;
}

function opens(token: Token): boolean {
  if (token.kind === 'template') return token.text.startsWith('`') && token.text.endsWith('${');
  return isMark(token, '(', '[', '{');
}

function closes(token: Token): boolean {
  if (token.kind === 'template') return token.text.startsWith('}') && token.text.endsWith('`');
  return isMark(token, ')', ']', '}');
}

/** @internal Index of the token after a bracket's content, or after the token itself. */
export function after(closers: Closers, index: number): number {
  return (closers.get(index) ?? index) + 1;
}
