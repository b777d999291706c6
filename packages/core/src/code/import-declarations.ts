import { after, type Closers } from './brackets.ts';
import { isMark, isName, type Token } from './token.ts';

/** @internal A static import or re-export, and where it stands. */
export interface ImportDeclaration {
  readonly kind: 'import' | 'export';
  readonly specifier: string;
  /** Names that an import brings in. */
  readonly bindings: readonly Binding[];
  /** Nothing but its name is asked of the module: `import './x.ts'`. */
  readonly bare: boolean;
  /** Nothing is left of it at run time: it is of types alone, or they were all that it had. */
  readonly empty: boolean;
  /** Index of its first token. */
  readonly start: number;
  /** Index of the token after it. */
  readonly end: number;
}

/** @internal A name in a module and what it stands for in another. */
export interface Binding {
  /** `default`, `*` for all of them, or the name there. */
  readonly imported: string;
  readonly local: string;
}

/** @internal The static imports and re-exports of a module, in order. */
export function importDeclarations(tokens: readonly Token[], closers: Closers): ImportDeclaration[] {
  const found: ImportDeclaration[] = [];
  for (let index = 0; index < tokens.length; ) {
    const declaration = declarationAt(tokens, closers, index);
    if (declaration) found.push(declaration);
    index = declaration?.end ?? after(closers, index);
  }
  return found;
}

function declarationAt(
  tokens: readonly Token[],
  closers: Closers,
  start: number,
): ImportDeclaration | undefined {
  if (!isName(tokens[start], 'import', 'export') || isMark(tokens[start - 1], '.')) return undefined;
  const kind = isName(tokens[start], 'import') ? 'import' : 'export';
  const bindings: Binding[] = [];
  let index = start + 1;
  if (kind === 'import' && tokens[index]?.kind === 'string') return ended(false, true);
  const types = isName(tokens[index], 'type') && startsClause(tokens, index + 1);
  // Phases such as `import defer * as x` change when a module is evaluated, not which one.
  if (types || (isName(tokens[index], 'defer', 'source') && startsClause(tokens, index + 1))) index++;
  const local = tokens[index];
  if (kind === 'import' && local?.kind === 'name') {
    bindings.push({ imported: 'default', local: local.text });
    index++;
    if (isMark(tokens[index], ',')) index++;
  }
  let empty = false;
  if (isMark(tokens[index], '*')) {
    const named = isName(tokens[index + 1], 'as');
    const name = tokens[index + 2];
    if (named && name) bindings.push({ imported: '*', local: name.text });
    index += named ? 3 : 1;
  } else if (isMark(tokens[index], '{')) {
    const listed = specifiersOf(tokens.slice(index + 1, closers.get(index)));
    empty = bindings.length === 0 && listed.length === 0;
    bindings.push(...listed);
    index = after(closers, index);
  }
  if (!isName(tokens[index], 'from') || tokens[index + 1]?.kind !== 'string') return undefined;
  index++;
  return ended(types || empty, false);

  function ended(nothing: boolean, bare: boolean): ImportDeclaration {
    const specifier = (tokens[index]?.text ?? '').slice(1, -1);
    let end = index + 1;
    if (isName(tokens[end], 'with', 'assert') && isMark(tokens[end + 1], '{')) end = after(closers, end + 1);
    if (isMark(tokens[end], ';')) end++;
    return { kind, specifier, bindings, bare, empty: nothing, start, end };
  }
}

/** Whether a word before this was none of the clause: `type` is also a name to import. */
function startsClause(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index];
  if (isMark(token, '{', '*')) return true;
  return token?.kind === 'name' && (token.text !== 'from' || isName(tokens[index + 1], 'from'));
}

/** What stands between the braces, without types. */
function specifiersOf(tokens: readonly Token[]): Binding[] {
  const bindings: Binding[] = [];
  let words: Token[] = [];
  for (const token of [...tokens, undefined]) {
    if (token !== undefined && !isMark(token, ',')) {
      words.push(token);
      continue;
    }
    // `type x`, `type x as y` and `type as as y`; but `type` and `type as y` are values.
    const type = isName(words[0], 'type') && (words.length === 2 || words.length === 4);
    const imported = words[0]?.text;
    if (!type && imported !== undefined) {
      bindings.push({ imported, local: words.at(-1)?.text ?? imported });
    }
    words = [];
  }
  return bindings;
}
