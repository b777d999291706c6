import type { Token } from './token.ts';
import { withoutLayout } from './without-layout.ts';

/** @internal A step's functions, as tokens, and the version that stands for them. */
export interface VersionedText {
  readonly version: string;
  readonly functions: readonly (readonly Token[])[];
}

/**
 * @internal The tokens of a module with `version:<v>` in place of each text that has a version. A text
 * that is not found, since a loader has rewritten it, replaces nothing.
 */
export function withVersions(
  tokens: readonly Token[],
  versioned: readonly VersionedText[],
): readonly Token[] {
  const texts = versioned.flatMap(({ version, functions }) =>
    functions.map((one) => ({ version, texts: withoutLayout(one).map(({ text }) => text) })),
  );
  // Long ones first, since one may be part of another.
  texts.sort((a, b) => b.texts.length - a.texts.length || (a.version < b.version ? -1 : 1));
  return texts.reduce((replaced, text) => withVersion(replaced, text.texts, text.version), tokens);
}

function withVersion(tokens: readonly Token[], text: readonly string[], version: string): readonly Token[] {
  const plain = withoutLayout(tokens);
  const replaced: Token[] = [];
  const index = new Map(tokens.map((token, at) => [token, at]));
  let done = 0;
  for (let at = 0; at + text.length <= plain.length; at++) {
    const first = plain[at];
    const last = plain[at + text.length - 1];
    if (!first || !last || !text.every((part, offset) => plain[at + offset]?.text === part)) continue;
    const start = index.get(first);
    const end = index.get(last);
    if (start === undefined || end === undefined) continue;
    replaced.push(...tokens.slice(done, start));
    replaced.push({ kind: 'other', text: `version:${version}`, afterNewline: first.afterNewline });
    done = end + 1;
    at += text.length - 1;
  }
  return done === 0 ? tokens : [...replaced, ...tokens.slice(done)];
}
