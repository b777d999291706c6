import { after, type Closers } from './brackets.ts';
import { isMark, isName, type Token } from './token.ts';

/** Tokens from one index up to another. */
type Range = readonly [start: number, end: number];

/**
 * @internal The arguments of a call that are nothing but literals, such as `'rows.csv'` or `{ k: 3 }`: what
 * they say is compared as a value.
 *
 * @param open - Index of the call's bracket.
 */
export function literalArguments(tokens: readonly Token[], closers: Closers, open: number): Range[] {
  const close = closers.get(open);
  if (close === undefined) return [];
  const ranges: Range[] = [];
  let start = open + 1;
  for (let index = start; index <= close; ) {
    const ends = index === close || isMark(tokens[index], ',');
    if (ends && index > start && isLiteral(tokens, start, index)) ranges.push([start, index]);
    if (ends) start = index + 1;
    index = index === close ? close + 1 : after(closers, index);
  }
  return ranges;
}

/** @internal Whether tokens are a value without any name in it, but for keys. */
export function isLiteral(tokens: readonly Token[], start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const token = tokens[index];
    if (token?.kind === 'string' || (token?.kind === 'other' && /^[\d.]/.test(token.text))) continue;
    if (isMark(token, '{', '}', '[', ']', ':', ',', '-', '+')) continue;
    if (isName(token, 'true', 'false', 'null', 'undefined')) continue;
    if (token?.kind === 'name' && isMark(tokens[index + 1], ':')) continue;
    return false;
  }
  return true;
}
