import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.ts';
import { plainLine } from '../text/plain-text.ts';
import { UserFrames } from '../text/user-frames.ts';

/** What Node can't run of TypeScript, by what it says about it, with what to write instead. */
const NOT_ERASABLE: readonly (readonly [RegExp, string, string])[] = [
  [/enum/, 'an enum', 'a const object: const Color = { red: 0 } as const'],
  [/parameter property/, 'a parameter property', 'a field that the constructor sets'],
  [/namespace|module/, 'a namespace that holds code', 'a module of its own'],
  [/import equals|export assignment|export =/, 'import = or export =', 'import … from and export'],
];

/** What an import may lack, most likely first. */
const ENDINGS = ['.ts', '.js', '.mts', '.mjs', '/index.ts', '/index.js'];

/** Says in a sentence why a file could not be loaded. Errors that its code threw come with its frames. */
export function explainLoadError(error: unknown, file: string): CliError {
  const frames = new UserFrames(file);
  const name = plainLine(frames.show(file));
  const thrown = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in thrown ? String(thrown.code) : undefined;
  const make = (message: string, details: readonly string[] = []) =>
    new CliError(message, { details, cause: error });
  switch (code) {
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return make(missingModule(thrown, frames));
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return make(notErasable(thrown, placeOf(thrown, frames) ?? name));
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return make(`${placeOf(thrown, frames) ?? name} has a syntax error: ${plainLine(thrown.message)}.`);
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return make(unknownExtension(thrown, name));
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return make(
        `${name} imports a TypeScript file inside node_modules, and Node runs only JavaScript there. Use the package's JavaScript, or move the file out.`,
      );
    default:
  }
  if (thrown instanceof SyntaxError) return make(syntaxError(thrown, file, name, frames));
  const said = plainLine(thrown.message) || '(no message)';
  const kind =
    thrown.name === 'Error' || code?.match(/^[A-Z]+_[A-Z_]+$/) ? '' : `${plainLine(thrown.name)}: `;
  return make(
    `${name} threw an error while it was loaded: ${kind}${said}`,
    frames.of(thrown.stack).map((frame) => `at ${frame}`),
  );
}

function missingModule(error: Error, frames: UserFrames): string {
  const [, kind, missing = '', importer = ''] =
    /^(?:Cannot find|Directory import) ?(module|package)? ?'(.+?)' .*imported from (.+)$/.exec(
      error.message,
    ) ?? [];
  const from = plainLine(frames.show(importer.startsWith('file:') ? fileURLToPath(importer) : importer));
  if (missing === '') return `A module that is imported is missing: ${plainLine(error.message)}.`;
  if (kind === 'package') {
    const own = missing.startsWith('/') ? basename(missing) : missing;
    return `${from} imports the package ${plainLine(own)}, which is not installed there. Install it: npm install ${plainLine(own)}.`;
  }
  const found = nearestModule(missing);
  const shown = (path: string) => plainLine(importPath(importer, path));
  if (found !== undefined)
    return `${from} imports '${shown(missing)}'. Node needs the whole name of the file: write '${shown(found)}'.`;
  const what = existsSync(missing) ? 'which is a folder. Name a file in it.' : 'and there is no such file.';
  return `${from} imports '${shown(missing)}', ${what}`;
}

/** A file that an import without its extension, or with that of the compiled file, could have meant. */
function nearestModule(missing: string): string | undefined {
  const compiled: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' };
  const source = compiled[extname(missing)];
  const options = [
    ...(source === undefined ? [] : [missing.slice(0, -extname(missing).length) + source]),
    ...ENDINGS.map((ending) => missing + ending),
  ];
  return options.find((path) => existsSync(path));
}

function importPath(importer: string, path: string): string {
  const from = importer.startsWith('file:') ? fileURLToPath(importer) : importer;
  const short = relative(dirname(from), path).replaceAll('\\', '/');
  return short.startsWith('.') ? short : `./${short}`;
}

function notErasable(error: Error, place: string): string {
  const [, what, instead] = NOT_ERASABLE.find(([pattern]) => pattern.test(error.message)) ?? [];
  if (what === undefined)
    return `${place} uses TypeScript that Node can't run: ${plainLine(error.message)}. Write it in syntax that can be erased, or compile the file to JavaScript first.`;
  return `${place} uses ${what}, which Node can't run as it is. Write ${instead}, or compile the file to JavaScript first.`;
}

function unknownExtension(error: Error, name: string): string {
  if (/"\.[mc]?ts"/.test(error.message)) {
    return `${name} is TypeScript, and this Node was told not to run it. Start it without --no-strip-types (look into NODE_OPTIONS), or compile the file to JavaScript first.`;
  }
  return `${name} imports a file of a kind that Node can't load: ${plainLine(error.message)}.`;
}

function syntaxError(error: Error, file: string, name: string, frames: UserFrames): string {
  const place = placeOf(error, frames);
  const [, module, missing] =
    /^The requested module '(.+?)' does not provide an export named '(.+?)'/.exec(error.message) ?? [];
  if (module !== undefined && missing !== undefined) {
    return `${place ?? name} imports '${plainLine(missing)}' from '${plainLine(module)}', which has no such export. If it is a type, write import type { ${plainLine(missing)} }.`;
  }
  if (place !== undefined) return `${place} has a syntax error: ${plainLine(error.message)}.`;
  const checked = placeByNode(file, frames);
  return `${checked ?? `${name}, or a module that it imports,`} has a syntax error: ${plainLine(error.message)}.`;
}

/** Where Node says that it was, above the stack. */
function placeOf(error: Error, frames: UserFrames): string | undefined {
  return placeIn(error.stack ?? '', frames);
}

/** Node tells the place of a syntax error in a module only when it is the main one, so it is asked again. */
function placeByNode(file: string, frames: UserFrames): string | undefined {
  if (!/\.[mc]?js$/.test(file)) return undefined;
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 5000 });
  return placeIn(stderr ?? '', frames);
}

function placeIn(text: string, frames: UserFrames): string | undefined {
  const [, where, line] = /^(file:.+|\/.+|[A-Za-z]:\\.+):(\d+)$/m.exec(text.split(/^\s+at /m)[0] ?? '') ?? [];
  if (where === undefined) return undefined;
  const path = where.startsWith('file:') ? fileURLToPath(where) : resolve(join(where));
  return `${plainLine(frames.show(path))}:${line}`;
}
