import type { ImportDeclaration } from './import-declarations.ts';
import { packageOf } from './specifier.ts';
import { isMark, type Token } from './token.ts';

/** What of Crystallize is looked for in a module, by package. */
const LOOKED_FOR: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '@crystallize/core',
    [
      'Experiment',
      'ExperimentGraph',
      'treatment',
      'grid',
      'hypothesis',
      'pipelineStep',
      'datasource',
      'Artifact',
    ],
  ],
  ['@crystallize/artifacts', ['ArtifactPlugin']],
  ['@crystallize/datasources', ['csvDatasource', 'artifactDatasource']],
]);

/** @internal A function or class of Crystallize that a module names. */
export interface OwnName {
  readonly name: string;
  /** Index of the token after the name, which for `c.grid` has three. */
  readonly end: number;
}

/** @internal Finds them by what the module imports, so that a function of the user's own is none of them. */
export function ownNames(
  declarations: readonly ImportDeclaration[],
): (tokens: readonly Token[], index: number) => OwnName | undefined {
  const named = new Map<string, string>();
  const spaces = new Map<string, readonly string[]>();
  for (const { specifier, bindings } of declarations) {
    const names = LOOKED_FOR.get(packageOf(specifier));
    if (!names) continue;
    for (const { imported, local } of bindings) {
      if (imported === '*') spaces.set(local, names);
      else if (names.includes(imported)) named.set(local, imported);
    }
  }
  return (tokens, index) => {
    const token = tokens[index];
    if (token?.kind !== 'name' || isMark(tokens[index - 1], '.', '?.')) return undefined;
    const name = named.get(token.text);
    if (name !== undefined) return { name, end: index + 1 };
    const member = tokens[index + 2]?.text;
    const found = isMark(tokens[index + 1], '.') && member && spaces.get(token.text)?.includes(member);
    return found ? { name: member, end: index + 3 } : undefined;
  };
}
