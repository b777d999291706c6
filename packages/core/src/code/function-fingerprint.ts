import { loadTokenizer } from './token.ts';
import { hashTexts } from './token-hash.ts';
import { withoutLayout } from './without-layout.ts';

/**
 * @internal sha256 (hex) of the tokens of functions: comments and layout make no difference. All that
 * native and bound functions say of themselves is that they are native.
 */
export async function functionFingerprint(functions: readonly Function[]): Promise<string> {
  const tokenize = await loadTokenizer();
  return hashTexts(
    functions.map((one) => hashTexts(withoutLayout(tokenize(textOf(one))).map(({ text }) => text))),
  );
}

/** @internal The source text of a function, whatever `toString` of its own it has. */
export function textOf(one: Function): string {
  return Function.prototype.toString.call(one);
}
