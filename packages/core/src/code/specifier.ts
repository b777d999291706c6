import { isBuiltin } from 'node:module';

/** @internal What kind of thing an import names. */
export type SpecifierKind = 'relative' | 'package' | 'builtin' | 'own' | 'other';

/** @internal Tells paths, packages, Node's modules and Crystallize's own packages apart. */
export function specifierKind(specifier: string): SpecifierKind {
  if (/^\.\.?(\/|$)/.test(specifier)) return 'relative';
  if (isBuiltin(specifier)) return 'builtin';
  if (specifier.startsWith('@crystallize/')) return 'own';
  // Absolute paths, URLs and `#imports`.
  return /^[/\\#]|^[a-z][a-z0-9+.-]*:/i.test(specifier) ? 'other' : 'package';
}

/** @internal The package of a bare specifier: `@scope/name/deep` is of `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
