import { after, type Closers } from './brackets.ts';
import { isMark, isName, type Token } from './token.ts';

/** @internal A property of an object literal, with the comma after it. */
export interface Property {
  /** `undefined` for a spread or a computed key. */
  readonly key: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** @internal The properties of the object literal that opens at an index; none where none does. */
export function propertiesOf(tokens: readonly Token[], closers: Closers, object: number): Property[] {
  const close = isMark(tokens[object], '{') ? closers.get(object) : undefined;
  if (close === undefined) return [];
  const properties: Property[] = [];
  let start = object + 1;
  for (let index = start; index < close; ) {
    const ended = isMark(tokens[index], ',');
    index = after(closers, index);
    if (!ended && index < close) continue;
    properties.push({ key: keyAt(tokens, start), start, end: index });
    start = index;
  }
  return properties;
}

function keyAt(tokens: readonly Token[], start: number): string | undefined {
  let index = start;
  // `async`, `get`, `set` and `*` stand before a key, unless they are one.
  while (
    isMark(tokens[index], '*') ||
    (isName(tokens[index], 'async', 'get', 'set') && named(tokens[index + 1]))
  )
    index++;
  const token = tokens[index];
  if (token?.kind === 'name') return token.text;
  return token?.kind === 'string' ? token.text.slice(1, -1) : undefined;
}

function named(token: Token | undefined): boolean {
  return token?.kind === 'name' || token?.kind === 'string' || isMark(token, '*', '[');
}
