import { after, type Closers } from './brackets.ts';
import { comparedValue, type ModuleTokens, type Range } from './compared-value.ts';
import { statementEnd } from './statement.ts';
import { isMark, isName, type Token } from './token.ts';

/** A constant of a module: `const name = value`, outside of every bracket. */
interface Constant {
  readonly name: string;
  readonly exported: boolean;
  readonly start: number;
  readonly value: Range;
  readonly end: number;
}

/** @internal The names of constants that are nothing but literals, and treatments made of such: `const N = 3`. */
export function literalConstants(
  given: Pick<ModuleTokens, 'tokens' | 'closers' | 'ownNameAt'>,
): ReadonlySet<string> {
  const module: ModuleTokens = { ...given, literals: new Set() };
  const { tokens, closers } = module;
  const literal = constantsOf(tokens, closers).filter(({ value: [start, end] }) => {
    return comparedValue(module, start, end)?.length === 0;
  });
  return new Set(literal.map(({ name }) => name));
}

/**
 * @internal Constants that nothing of the module uses any more but what is compared apart: `const N = 3` for
 * `replicates: N`, or an artifact that is only an output. One that is exported may be used elsewhere.
 */
export function unusedConstants(
  module: ModuleTokens,
  isKept: (token: Token) => boolean,
  functions: readonly Token[],
): readonly Range[] {
  const { tokens, closers, literals } = module;
  const candidates = constantsOf(tokens, closers).filter(
    ({ name, exported, value }) => !exported && (literals.has(name) || isArtifact(module, value)),
  );
  if (candidates.length === 0) return [];
  const own = new Set(candidates.map(({ start }) => tokens[start + 1]));
  const used = new Set<string>();
  tokens.forEach((token, index) => {
    if (token.kind !== 'name' || isMark(tokens[index - 1], '.', '?.') || own.has(token)) return;
    if (isKept(token)) used.add(token.text);
  });
  for (const token of functions) used.add(token.text);
  return candidates.filter(({ name }) => !used.has(name)).map(({ start, end }): Range => [start, end]);
}

function isArtifact({ tokens, closers, ownNameAt }: ModuleTokens, [start, end]: Range): boolean {
  const own = isName(tokens[start], 'new') ? ownNameAt(tokens, start + 1) : undefined;
  if (own?.name !== 'Artifact' || !isMark(tokens[own.end], '(')) return false;
  return after(closers, own.end) === end;
}

function constantsOf(tokens: readonly Token[], closers: Closers): readonly Constant[] {
  const constants: Constant[] = [];
  for (let index = 0; index < tokens.length; index = after(closers, index)) {
    const name = tokens[index + 1];
    if (!isName(tokens[index], 'const') || name?.kind !== 'name' || !isMark(tokens[index + 2], '=')) continue;
    const end = statementEnd(tokens, closers, index);
    const valueEnd = isMark(tokens[end - 1], ';') ? end - 1 : end;
    const exported = isName(tokens[index - 1], 'export');
    constants.push({ name: name.text, exported, start: index, value: [index + 3, valueEnd], end });
  }
  return constants;
}
