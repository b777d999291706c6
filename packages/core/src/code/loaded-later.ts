import { pairBrackets } from './brackets.ts';
import { isMark, isName, type Token } from './token.ts';

/**
 * @internal What a module loads while it runs, by `import()` or `require()`: the specifier, or
 * `undefined` for an `import()` of anything but a string.
 */
export function loadedLater(tokens: readonly Token[]): (string | undefined)[] {
  const closers = pairBrackets(tokens);
  return tokens.flatMap((token, index) => {
    if (!isName(token, 'import', 'require') || isMark(tokens[index - 1], '.', '?.')) return [];
    const close = isMark(tokens[index + 1], '(') ? closers.get(index + 1) : undefined;
    // A method may be named so as well.
    if (close === undefined || isMark(tokens[close + 1], '{')) return [];
    const literal = tokens[index + 2];
    if (literal?.kind === 'string' && isMark(tokens[index + 3], ')', ',')) return [literal.text.slice(1, -1)];
    return isName(token, 'import') ? [undefined] : [];
  });
}
