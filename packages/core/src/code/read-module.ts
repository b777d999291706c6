import { extname } from 'node:path';
import { textOf } from './function-fingerprint.ts';
import { loadedLater } from './loaded-later.ts';
import { type ModuleLinks, moduleLinks } from './module-links.ts';
import { moduleParts, partTexts } from './module-parts.ts';
import { packageAround } from './package-version.ts';
import { pathAt } from './relative-import.ts';
import { stripTypes } from './strip-types.ts';
import { loadTokenizer } from './token.ts';
import { hashTexts } from './token-hash.ts';
import { withVersions } from './versioned-text.ts';

/** @internal Functions that a version stands for. */
export interface VersionedFunctions {
  readonly version: string;
  readonly functions: readonly Function[];
}

/** @internal What the text of a module tells. */
export interface ModuleText extends ModuleLinks {
  /** sha256 (hex) of its tokens; `undefined` where its bytes have to stand for them. */
  readonly code: string | undefined;
}

type Language = 'javascript' | 'typescript' | 'jsx' | 'data';

const LANGUAGES: Readonly<Record<string, Language>> = {
  '': 'javascript',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.cts': 'typescript',
  '.jsx': 'jsx',
  '.tsx': 'jsx',
};

/** @internal Reads the text of a module. What is no script imports nothing. */
export async function readModule(
  file: string,
  bytes: Uint8Array,
  versioned: readonly VersionedFunctions[],
): Promise<ModuleText> {
  const language = LANGUAGES[extname(file).toLowerCase()] ?? 'data';
  if (language === 'data') return { code: undefined, ...moduleLinks([], []) };
  const tokenize = await loadTokenizer();
  const source = new TextDecoder().decode(bytes);
  const script = language === 'typescript' ? await stripTypes(source) : source;
  const tokens = tokenize(script ?? source, { jsx: language === 'jsx' });
  const specifierOf = (specifier: string) => ownSpecifier(file, specifier);
  const parts = moduleParts(tokens, specifierOf);
  if (script === undefined || language === 'jsx') {
    const links = moduleLinks(specifiers(parts.declared), loadedLater(tokens));
    const reason = `has ${language === 'jsx' ? 'JSX' : 'syntax that Node can not strip the types of'}`;
    const sentence = `${reason}, so that its comments and layout count as well.`;
    return { ...links, uncovered: [...links.uncovered, sentence], code: undefined };
  }
  const texts = versioned.map(({ version, functions }) => ({
    version,
    functions: functions.map((one) => tokenize(textOf(one))),
  }));
  const replaced = withVersions(tokens, texts);
  const hashed = replaced === tokens ? parts : moduleParts(replaced, specifierOf);
  const links = moduleLinks(specifiers(parts.imports), loadedLater(parts.body));
  return { ...links, code: hashTexts(partTexts(hashed)) };
}

function specifiers(declarations: readonly { readonly specifier: string }[]): string[] {
  return declarations.map(({ specifier }) => specifier);
}

/** A path or URL into a package of Crystallize's as the name of that package. */
function ownSpecifier(file: string, specifier: string): string {
  if (!/^(\/|file:)/.test(specifier)) return specifier;
  const path = pathAt(file, specifier);
  const name = path === undefined ? undefined : packageAround(path);
  return name?.startsWith('@crystallize/') ? name : specifier;
}
