import { hash } from 'node:crypto';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors/message-of.ts';
import type { CodeDefinition, ModuleDefinition } from '../plugin/records.ts';
import { errnoOf } from '../storage/system-error.ts';
import { packageVersion } from './package-version.ts';
import { readModule, type VersionedFunctions } from './read-module.ts';
import { relativeImport } from './relative-import.ts';
import { readSource } from './source-file.ts';

/** @internal Whose code is described. */
export interface CodeQuery {
  /** Paths or URLs of the scripts where the experiment is constructed, first, and its steps are declared. */
  readonly scripts: readonly (string | undefined)[];
  /** The functions of the steps that declare a version. */
  readonly versioned: readonly VersionedFunctions[];
  /** What is stored of an earlier run: a module that has not changed since is not read again. */
  readonly known?: CodeDefinition | undefined;
}

/**
 * @internal Describes the modules that static relative imports reach from those scripts. Never
 * throws for what it can't read: `uncovered` says it.
 */
export async function describeCode(query: CodeQuery): Promise<CodeDefinition> {
  const starts = query.scripts.map(fileOf).filter((file) => file !== undefined);
  const [first] = starts;
  if (first === undefined) {
    return {
      modules: {},
      packages: {},
      uncovered: ['no file constructed the experiment: changes of its modules go unnoticed.'],
    };
  }
  const described = new DescribedCode(dirname(first), starts, query);
  await described.follow();
  return described.definition();
}

class DescribedCode {
  readonly #query: CodeQuery;
  readonly #folder: string;
  /** Files, in the order in which imports reach them. */
  readonly #files: Set<string>;
  readonly #modules = new Map<string, ModuleDefinition>();
  readonly #versions = new Map<string, Set<string>>();
  readonly #uncovered = new Set<string>();

  constructor(folder: string, starts: readonly string[], query: CodeQuery) {
    this.#query = query;
    this.#folder = folder;
    this.#files = new Set(starts);
  }

  async follow(): Promise<void> {
    // A set is iterated over what is added meanwhile as well.
    for (const file of this.#files) {
      const key = this.#keyOf(file);
      const bytes = this.#bytesOf(file, key);
      if (bytes) this.#modules.set(key, await this.#moduleOf(file, key, bytes));
    }
  }

  definition(): CodeDefinition {
    const packages: [string, string][] = [];
    for (const [name, versions] of this.#versions) {
      if (versions.size > 0) packages.push([name, [...versions].sort().join(' and ')]);
      else
        this.#uncovered.add(
          `package '${name}' has no version that could be found: changes of it go unnoticed.`,
        );
    }
    return {
      modules: sorted(this.#modules),
      packages: sorted(packages),
      uncovered: [...this.#uncovered].sort(),
    };
  }

  #bytesOf(file: string, key: string): Uint8Array | undefined {
    try {
      const bytes = readSource(file);
      if (!bytes) this.#uncovered.add(`'${key}' is not there: changes of it go unnoticed.`);
      return bytes;
    } catch (error) {
      const why = errnoOf(error) ?? messageOf(error);
      this.#uncovered.add(`'${key}' can't be read (${why}): changes of it go unnoticed.`);
      return undefined;
    }
  }

  async #moduleOf(file: string, key: string, bytes: Uint8Array): Promise<ModuleDefinition> {
    const raw = hash('sha256', bytes);
    const module = this.#unchanged(key, raw) ?? (await this.#read(file, key, bytes, raw));
    for (const imported of module.imports) this.#files.add(resolve(this.#folder, imported));
    for (const name of module.packages) {
      const versions = this.#versions.get(name) ?? new Set();
      const version = packageVersion(file, name);
      this.#versions.set(name, version === undefined ? versions : versions.add(version));
    }
    return module;
  }

  /** What is known of a module whose bytes are the same; not where something is left to say of it. */
  #unchanged(key: string, raw: string): ModuleDefinition | undefined {
    const { modules = {}, uncovered = [] } = this.#query.known ?? {};
    const known = Object.hasOwn(modules, key) ? modules[key] : undefined;
    const silent = !uncovered.some((sentence) => sentence.startsWith(`'${key}' `));
    return known?.raw === raw && silent ? known : undefined;
  }

  async #read(file: string, key: string, bytes: Uint8Array, raw: string): Promise<ModuleDefinition> {
    const text = await readModule(file, bytes, this.#query.versioned);
    for (const sentence of text.uncovered) this.#uncovered.add(`'${key}' ${sentence}`);
    const imports: string[] = [];
    for (const specifier of text.relative) {
      const path = relativeImport(file, specifier);
      if (path !== undefined) imports.push(this.#keyOf(path));
      else
        this.#uncovered.add(
          `'${key}' imports '${specifier}', which is not there: changes of it go unnoticed.`,
        );
    }
    return { raw, code: text.code ?? raw, imports: imports.sort(), packages: [...text.packages].sort() };
  }

  #keyOf(file: string): string {
    return relative(this.#folder, file).split(sep).join('/') || basename(file);
  }
}

function fileOf(script: string | undefined): string | undefined {
  if (script === undefined || /^(?!file:)[a-z][a-z\d+.-]+:/i.test(script)) return undefined;
  try {
    const path = script.startsWith('file:') ? fileURLToPath(script) : script;
    return isAbsolute(path) ? path : undefined;
  } catch {
    // A URL of another machine's file.
    return undefined;
  }
}

function sorted<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
