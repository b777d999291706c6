import { after, type Closers } from './brackets.ts';
import { comparedArguments, comparedValue, type ModuleTokens, type Range } from './compared-value.ts';
import type { ImportDeclaration } from './import-declarations.ts';
import { literalConstants, unusedConstants } from './literal-constants.ts';
import { ownNames } from './own-names.ts';
import { propertiesOf } from './properties.ts';
import { declarationStart, statementEnd } from './statement.ts';
import { isMark, isName, type Token } from './token.ts';

/** Options of an experiment that define no number. */
const APART = ['name', 'description', 'hypotheses', 'plugins', 'outputs', 'replicates', 'seed'];
/** Options of a step that are compared by themselves. */
const APART_OF_STEPS = ['name', 'version', 'cacheable'];
/** What is compared as a value, of either, where the text tells all of that value. */
const APART_AS_VALUES = ['treatments', 'initialContext', 'params'];
const DATASOURCES = ['datasource', 'csvDatasource', 'artifactDatasource'];
/** Whole calls that define no number, whatever they are given. */
const WHOLE = ['hypothesis', 'ArtifactPlugin', 'ExperimentGraph'];
/** What only says how much is run now, or whether at all. */
const RUNNING = ['run', 'stream', 'explain', 'debug', 'apply', 'optimize', 'validate'];

/** @internal A module without what is compared apart. */
export interface ComparedApart {
  readonly body: readonly Token[];
  /** Functions that are compared by their text: what they name is code of the module all the same. */
  readonly functions: readonly Token[];
}

/** A part that is left out, and the functions in it. */
interface Part {
  readonly range: Range;
  readonly functions?: readonly Range[];
}

/**
 * @internal The tokens of a module without its imports and without what is compared by itself or
 * defines no number, so that a treatment can be added to a file, or a hypothesis, and its runs still resume.
 * What only looks alike stays: a treatment that closes over something, a factory of the user's own.
 */
export function withoutComparedApart(
  tokens: readonly Token[],
  closers: Closers,
  declarations: readonly ImportDeclaration[],
): ComparedApart {
  const known = { tokens, closers, ownNameAt: ownNames(declarations) };
  const module: ModuleTokens = { ...known, literals: literalConstants(known) };
  const imports = declarations.filter(({ kind, empty }) => kind === 'import' || empty);
  const parts: Part[] = [
    ...imports.map(({ start, end }): Part => ({ range: [start, end] })),
    ...partsApart(module),
  ];
  const gone = new Set<Token>();
  const take = ([start, end]: Range) => {
    for (const token of tokens.slice(start, end)) gone.add(token);
  };
  for (const { range } of parts) take(range);
  const functions = parts
    .flatMap((part) => part.functions ?? [])
    .flatMap(([start, end]) => tokens.slice(start, end));
  for (const range of unusedConstants(module, (token) => !gone.has(token), functions)) take(range);
  return { body: tokens.filter((token) => !gone.has(token)), functions };
}

function partsApart(module: ModuleTokens): Part[] {
  const { tokens, closers, ownNameAt } = module;
  const parts: Part[] = [];
  /** Names of variables that hold an experiment or a graph, and of those that make steps. */
  const runnable = new Set<string>();
  const factories = factoriesOf(module);
  for (let index = 0; index < tokens.length; index++) {
    if (isName(tokens[index], 'if'))
      parts.push(...whereMain(tokens, closers, index).map((range) => ({ range })));
    const own = ownNameAt(tokens, index);
    const close = own && isMark(tokens[own.end], '(') ? closers.get(own.end) : undefined;
    if (!own || close === undefined) continue;
    const made = isName(tokens[index - 1], 'new');
    const start = made ? index - 1 : index;
    if (made === /^[a-z]/.test(own.name) || isMethod(tokens, index, close)) continue;
    if (own.name.startsWith('Experiment')) {
      const variable = declarationStart(tokens, start) === undefined ? undefined : tokens[start - 2];
      if (variable) runnable.add(variable.text);
      parts.push(...argumentsOfRun(tokens, closers, close + 1).map((range) => ({ range })));
    }
    const whole = (functions: readonly Range[] = []): Part => ({
      range: wholeCall(tokens, closers, start, close + 1),
      functions,
    });
    if (own.name === 'Experiment') parts.push(...optionsApart(module, own.end + 1, APART, factories));
    else if (own.name === 'pipelineStep')
      parts.push(...optionsApart(module, own.end + 1, APART_OF_STEPS, factories));
    else if (DATASOURCES.includes(own.name)) parts.push(...comparedArguments(module, own.end));
    else if (WHOLE.includes(own.name)) parts.push(whole());
    else if (own.name !== 'Artifact') {
      const functions = comparedValue(module, own.end + 1, close);
      if (functions) parts.push(whole(functions));
    }
  }
  tokens.forEach((token, index) => {
    if (token.kind !== 'name' || !runnable.has(token.text) || isMark(tokens[index - 1], '.', '?.')) return;
    parts.push(...argumentsOfRun(tokens, closers, index + 1).map((range) => ({ range })));
  });
  return parts;
}

/** Names of variables that are declared as `pipelineStep({ … })`: what these are given is a param. */
function factoriesOf({ tokens, ownNameAt }: ModuleTokens): ReadonlySet<string> {
  const names = new Set<string>();
  tokens.forEach((_, index) => {
    if (ownNameAt(tokens, index)?.name !== 'pipelineStep') return;
    const variable = declarationStart(tokens, index) === undefined ? undefined : tokens[index - 2];
    if (variable) names.add(variable.text);
  });
  return names;
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
  module: ModuleTokens,
  object: number,
  apart: readonly string[],
  factories: ReadonlySet<string>,
): Part[] {
  const { tokens, closers } = module;
  return propertiesOf(tokens, closers, object).flatMap(({ key, start, end }): Part[] => {
    if (key === undefined) return [];
    if (apart.includes(key)) return [{ range: [start, end] }];
    if (APART_AS_VALUES.includes(key)) {
      const functions = comparedValue(module, start, end);
      return functions ? [{ range: [start, end], functions }] : [];
    }
    return key === 'pipeline' ? paramsOfSteps(module, [start, end], factories) : [];
  });
}

/** The params that are given to factories of steps: `fit({ k: 3 })`. */
function paramsOfSteps(module: ModuleTokens, [start, end]: Range, factories: ReadonlySet<string>): Part[] {
  const { tokens } = module;
  const parts: Part[] = [];
  for (let index = start + 1; index < end; index++) {
    const callee = tokens[index - 1];
    if (!isMark(tokens[index], '(') || callee?.kind !== 'name' || !factories.has(callee.text)) continue;
    if (isMark(tokens[index - 2], '.', '?.') || isName(tokens[index - 2], 'new')) continue;
    parts.push(...comparedArguments(module, index).filter(({ functions }) => functions.length === 0));
  }
  return parts;
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
