import { after, type Closers } from './brackets.ts';
import type { ImportDeclaration } from './import-declarations.ts';
import { isLiteral, literalArguments } from './literal-arguments.ts';
import { ownNames } from './own-names.ts';
import { propertiesOf } from './properties.ts';
import { declarationStart, statementEnd } from './statement.ts';
import { isMark, isName, type Token } from './token.ts';

/** Options of an experiment that are compared by themselves, or define no number. */
const APART = ['name', 'description', 'treatments', 'hypotheses', 'plugins', 'outputs', 'replicates', 'seed'];
/** The same of a step. */
const APART_OF_STEPS = ['name', 'version', 'cacheable'];
/** What else is compared as a value, where it is nothing but literals. */
const APART_AS_VALUES = ['initialContext', 'params'];
const DATASOURCES = ['datasource', 'csvDatasource', 'artifactDatasource'];
/** What only says how much is run now, or whether at all. */
const RUNNING = ['run', 'stream', 'explain', 'debug', 'apply', 'optimize', 'validate'];

/** Tokens from one index up to another. */
type Range = readonly [start: number, end: number];

/**
 * @internal The tokens of a module without its imports and without what is compared by itself or
 * defines no number, so that a treatment can be added to a file, or a hypothesis, and its runs still resume.
 */
export function withoutComparedApart(
  tokens: readonly Token[],
  closers: Closers,
  declarations: readonly ImportDeclaration[],
): Token[] {
  const imports = declarations.filter(({ kind, empty }) => kind === 'import' || empty);
  const gone = new Set<Token>();
  for (const [start, end] of [
    ...imports.map(({ start, end }): Range => [start, end]),
    ...rangesApart(tokens, closers, declarations),
  ]) {
    for (const token of tokens.slice(start, end)) gone.add(token);
  }
  return tokens.filter((token) => !gone.has(token));
}

function rangesApart(
  tokens: readonly Token[],
  closers: Closers,
  declarations: readonly ImportDeclaration[],
): Range[] {
  const ownNameAt = ownNames(declarations);
  const ranges: Range[] = [];
  /** Names of variables that hold an experiment or a graph. */
  const runnable = new Set<string>();
  for (let index = 0; index < tokens.length; index++) {
    if (isName(tokens[index], 'if')) ranges.push(...whereMain(tokens, closers, index));
    const own = ownNameAt(tokens, index);
    const close = own && isMark(tokens[own.end], '(') ? closers.get(own.end) : undefined;
    if (!own || close === undefined) continue;
    const made = isName(tokens[index - 1], 'new');
    const start = made ? index - 1 : index;
    if (made === /^[a-z]/.test(own.name) || isMethod(tokens, index, close)) continue;
    if (own.name.startsWith('Experiment')) {
      const variable = declarationStart(tokens, start) === undefined ? undefined : tokens[start - 2];
      if (variable) runnable.add(variable.text);
      ranges.push(...argumentsOfRun(tokens, closers, close + 1));
    }
    if (own.name === 'Experiment') ranges.push(...optionsApart(tokens, closers, own.end + 1, APART));
    else if (own.name === 'pipelineStep')
      ranges.push(...optionsApart(tokens, closers, own.end + 1, APART_OF_STEPS));
    else if (DATASOURCES.includes(own.name)) ranges.push(...literalArguments(tokens, closers, own.end));
    else ranges.push(wholeCall(tokens, closers, start, close + 1));
  }
  tokens.forEach((token, index) => {
    if (token.kind !== 'name' || !runnable.has(token.text) || isMark(tokens[index - 1], '.', '?.')) return;
    ranges.push(...argumentsOfRun(tokens, closers, index + 1));
  });
  return ranges;
}

/** A method or function that is only named alike: `grid(x) { … }`. */
function isMethod(tokens: readonly Token[], index: number, close: number): boolean {
  return isName(tokens[index - 1], 'function') || isMark(tokens[close + 1], '{');
}

/** What `if (import.meta.main)` guards. */
function whereMain(tokens: readonly Token[], closers: Closers, index: number): Range[] {
  const head = tokens.slice(index + 1, index + 8).map(({ text }) => text);
  if (head.join('') !== '(import.meta.main)') return [];
  const body = index + 8;
  return [[index, isMark(tokens[body], '{') ? after(closers, body) : statementEnd(tokens, closers, body)]];
}

/** The arguments of `.run(…)`, where that follows. */
function argumentsOfRun(tokens: readonly Token[], closers: Closers, index: number): Range[] {
  if (!isMark(tokens[index], '.', '?.') || !isName(tokens[index + 1], ...RUNNING)) return [];
  const close = isMark(tokens[index + 2], '(') ? closers.get(index + 2) : undefined;
  return close === undefined ? [] : [[index + 3, close]];
}

function optionsApart(
  tokens: readonly Token[],
  closers: Closers,
  object: number,
  apart: readonly string[],
): Range[] {
  return propertiesOf(tokens, closers, object).flatMap(({ key, start, end }): Range[] => {
    if (key === undefined) return [];
    if (apart.includes(key)) return [[start, end]];
    if (APART_AS_VALUES.includes(key)) return isLiteral(tokens, start, end) ? [[start, end]] : [];
    return key === 'pipeline' ? argumentsOfSteps(tokens, closers, start, end) : [];
  });
}

/** The params that are given to the factories of steps: `fit({ k: 3 })`. */
function argumentsOfSteps(tokens: readonly Token[], closers: Closers, start: number, end: number): Range[] {
  const ranges: Range[] = [];
  for (let index = start; index < end; index++) {
    if (isMark(tokens[index], '(') && tokens[index - 1]?.kind === 'name')
      ranges.push(...literalArguments(tokens, closers, index));
  }
  return ranges;
}

/** A call with the comma that sets it apart in a list, or with the declaration that it is the value of. */
function wholeCall(tokens: readonly Token[], closers: Closers, start: number, end: number): Range {
  const declaration = declarationStart(tokens, start);
  if (declaration !== undefined) {
    const last = statementEnd(tokens, closers, start);
    return last === end || (last === end + 1 && isMark(tokens[end], ';'))
      ? [declaration, last]
      : [start, end];
  }
  if (!isMark(tokens[end], ',', ']', ')')) return [start, end];
  const first = isMark(tokens[start - 1], '...') ? start - 1 : start;
  if (isMark(tokens[end], ',')) return [first, end + 1];
  return isMark(tokens[first - 1], ',') ? [first - 1, end] : [first, end];
}
