import { packageOf, specifierKind } from './specifier.ts';

/** @internal What a module loads, by how it is found. */
export interface ModuleLinks {
  /** Specifiers of relative static imports. */
  readonly relative: readonly string[];
  /** Names of packages. */
  readonly packages: readonly string[];
  /** What nothing follows, each as the end of a sentence that starts with the module. */
  readonly uncovered: readonly string[];
}

/**
 * @internal Sorts what a module loads. Node's own modules and Crystallize's packages are left out.
 *
 * @param imported - Specifiers of static imports.
 * @param later - What it loads while it runs; `undefined` where no text says what.
 */
export function moduleLinks(
  imported: readonly string[],
  later: readonly (string | undefined)[],
): ModuleLinks {
  const relative = new Set<string>();
  const packages = new Set<string>();
  const uncovered = new Set<string>();
  for (const specifier of imported) {
    const kind = specifierKind(specifier);
    if (kind === 'relative') relative.add(specifier);
    if (kind === 'package') packages.add(packageOf(specifier));
    if (kind === 'other')
      uncovered.add(
        `imports '${specifier}', which is neither a relative path nor a package: changes there go unnoticed.`,
      );
  }
  for (const specifier of later) {
    const kind = specifier === undefined ? 'other' : specifierKind(specifier);
    if (specifier !== undefined && kind === 'package') packages.add(packageOf(specifier));
    if (kind === 'relative' || kind === 'other') {
      const what = specifier === undefined ? 'a module that its text does not name' : `'${specifier}'`;
      uncovered.add(`loads ${what} while it runs, which is not followed: changes there go unnoticed.`);
    }
  }
  return { relative: [...relative], packages: [...packages], uncovered: [...uncovered] };
}
