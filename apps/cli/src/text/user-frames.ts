import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { plainLine } from './plain-text.ts';

/** Frames shown of one error. */
const MOST_FRAMES = 4;

/** A frame of a stack in the user's own code. */
interface Frame {
  readonly path: string;
  readonly line: string;
  readonly column: string;
  readonly name: string | undefined;
}

/** Tells the user's frames from those of Node and of packages. */
export class UserFrames {
  readonly #own: string | undefined;
  readonly #cwd: string;
  readonly #manifests = new Map<string, string | undefined>();

  /** @param file The experiment's file: the package that it belongs to is the user's. */
  constructor(file: string, cwd: string = process.cwd()) {
    this.#cwd = cwd;
    this.#own = this.#manifest(file);
  }

  /** The user's frames, innermost first, as `fit (steps.ts:31:14)`. Empty when there are none. */
  of(stack: string | undefined): readonly string[] {
    return framesOf(stack ?? '')
      .filter(({ path }) => this.#isUsers(path))
      .slice(0, MOST_FRAMES)
      .map(({ path, line, column, name }) => {
        const place = `${this.show(path)}:${line}:${column}`;
        return plainLine(name === undefined ? place : `${name} (${place})`);
      });
  }

  /** A path as it is shortest to read from the current folder. */
  show(path: string): string {
    const short = relative(this.#cwd, path);
    return short === '' || short.startsWith('..') ? path : short;
  }

  #isUsers(path: string): boolean {
    if (/[\\/]node_modules[\\/]/.test(path)) return false;
    const manifest = this.#manifest(path);
    return manifest === this.#own || !isCrystallize(manifest);
  }

  #manifest(path: string): string | undefined {
    if (!this.#manifests.has(path)) this.#manifests.set(path, findManifest(path));
    return this.#manifests.get(path);
  }
}

function findManifest(path: string): string | undefined {
  try {
    return findPackageJSON('.', pathToFileURL(path)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Whether a manifest is of one of these packages, linked in rather than installed. */
function isCrystallize(manifest: string | undefined): boolean {
  if (manifest === undefined) return false;
  try {
    const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    return (
      typeof parsed === 'object' &&
      parsed !== null &&
      'name' in parsed &&
      String(parsed.name).startsWith('@crystallize/')
    );
  } catch {
    return false;
  }
}

function framesOf(stack: string): readonly Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split('\n')) {
    const found = /^\s+at (?:(?:async )?(.+?) \()?((?:file:|\/|[A-Za-z]:\\).+?):(\d+):(\d+)\)?$/.exec(line);
    const [, name, where, row, column] = found ?? [];
    if (where === undefined || row === undefined || column === undefined) continue;
    const path = pathOf(where);
    if (path === undefined) continue;
    frames.push({
      path,
      line: row,
      column,
      name: name?.replace(/^(Object|Module)\.(<anonymous>)?/, '') || undefined,
    });
  }
  return frames;
}

function pathOf(where: string): string | undefined {
  if (!where.startsWith('file:')) return where;
  try {
    return fileURLToPath(where.replace(/[?#].*$/, ''));
  } catch {
    return undefined;
  }
}
