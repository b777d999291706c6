import { after, type Closers } from './brackets.ts';
import type { OwnName } from './own-names.ts';
import { isMark, isName, type Token } from './token.ts';

/** @internal Tokens from one index up to another. */
export type Range = readonly [start: number, end: number];

/** @internal A module's tokens, and what is known of its names. */
export interface ModuleTokens {
  readonly tokens: readonly Token[];
  readonly closers: Closers;
  /** A function or class of Crystallize that is named at an index. */
  readonly ownNameAt: (tokens: readonly Token[], index: number) => OwnName | undefined;
  /** Names that stand for nothing but literals. */
  readonly literals: ReadonlySet<string>;
}

/**
 * @internal Whether tokens are a value that is compared by itself, as a value: literals, functions (by
 * their text), and treatments made of such. If so, the ranges of the functions in it, since what these
 * call is code all the same; else `undefined`.
 */
export function comparedValue(
  module: ModuleTokens,
  start: number,
  end: number,
): readonly Range[] | undefined {
  const { tokens, closers, ownNameAt, literals } = module;
  const functions: Range[] = [];
  for (let index = start; index < end; ) {
    const called = isValuePosition(tokens, start, index)
      ? functionEnd(tokens, closers, index, end)
      : undefined;
    if (called !== undefined) {
      functions.push([index, called]);
      index = called;
      continue;
    }
    const own = ownNameAt(tokens, index);
    const close = own && isMark(tokens[own.end], '(') ? closers.get(own.end) : undefined;
    if (own && close !== undefined && ['treatment', 'grid'].includes(own.name)) {
      const inside = comparedValue(module, own.end + 1, close);
      if (!inside) return undefined;
      functions.push(...inside);
      index = close + 1;
      continue;
    }
    if (!isPlain(tokens, index, literals)) return undefined;
    index += 1;
  }
  return functions;
}

/**
 * @internal The arguments of a call that are compared as values, each with its functions.
 *
 * @param open - Index of the call's bracket.
 */
export function comparedArguments(
  module: ModuleTokens,
  open: number,
): readonly { readonly range: Range; readonly functions: readonly Range[] }[] {
  const { tokens, closers } = module;
  const close = closers.get(open);
  if (close === undefined) return [];
  const found: { range: Range; functions: readonly Range[] }[] = [];
  let start = open + 1;
  for (let index = start; index <= close; ) {
    const ends = index === close || isMark(tokens[index], ',');
    if (ends && index > start) {
      const functions = comparedValue(module, start, index);
      if (functions) found.push({ range: [start, index], functions });
    }
    if (ends) start = index + 1;
    index = index === close ? close + 1 : after(closers, index);
  }
  return found;
}

function isPlain(tokens: readonly Token[], index: number, literals: ReadonlySet<string>): boolean {
  const token = tokens[index];
  if (token?.kind === 'string' || (token?.kind === 'other' && /^[\d.]/.test(token.text))) return true;
  if (isMark(token, '{', '}', '[', ']', ':', ',', '-', '+', '...')) return true;
  if (isName(token, 'true', 'false', 'null', 'undefined')) return true;
  if (token?.kind !== 'name' || isMark(tokens[index + 1], '(', '.', '?.', '=>')) return false;
  return isMark(tokens[index + 1], ':') || literals.has(token.text);
}

function isValuePosition(tokens: readonly Token[], start: number, index: number): boolean {
  return index === start || isMark(tokens[index - 1], ':', ',', '[', '(');
}

/** Index after a function expression that begins at an index; `undefined` where none does. */
function functionEnd(
  tokens: readonly Token[],
  closers: Closers,
  from: number,
  end: number,
): number | undefined {
  let index = isName(tokens[from], 'async') ? from + 1 : from;
  if (isName(tokens[index], 'function')) {
    while (index < end && !isMark(tokens[index], '{')) index = after(closers, index);
    return index < end ? after(closers, index) : undefined;
  }
  index = isMark(tokens[index], '(') || tokens[index]?.kind === 'name' ? after(closers, index) : index;
  if (!isMark(tokens[index], '=>')) return undefined;
  index += 1;
  if (isMark(tokens[index], '{')) return after(closers, index);
  while (index < end && !isMark(tokens[index], ',', ')', ']', '}')) index = after(closers, index);
  return index;
}
