import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the repository. */
export const root: string = join(import.meta.dirname, '../..');

/** What a conditional export says, the target of each condition. */
export type ExportTarget = string | { readonly [condition: string]: string };

/** The fields of a package.json that the checks look at. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** A package of this repository. */
export interface WorkspacePackage {
  readonly dir: string;
  readonly manifest: Manifest;
}

/** Every package and app, by folder name. */
export function workspacePackages(): readonly WorkspacePackage[] {
  return globSync(['packages/*/package.json', 'apps/*/package.json'], { cwd: root })
    .sort()
    .map((path) => ({ dir: join(root, dirname(path)), manifest: readManifest(join(root, path)) }));
}

/** Those that go to the registry. */
export function publishedPackages(): readonly WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => !manifest.private);
}

/** Reads a package.json. */
export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

/** The subpaths under which code can be imported: `.`, `./storage`, … */
export function entryPoints(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.exports ?? {}).filter((subpath) => subpath !== './package.json');
}

/** The specifier of an entry point: `@crystallize/core/storage`. */
export function specifierOf(manifest: Manifest, subpath: string): string {
  return manifest.name + subpath.slice(1);
}
