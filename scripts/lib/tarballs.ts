import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand, runPnpm, userEnvironment } from './command.ts';
import { publishedPackages, root, type WorkspacePackage } from './workspace.ts';

/** A package as the registry would get it. */
export interface PackedPackage extends WorkspacePackage {
  readonly tarball: string;
}

/** Packs every published package into a folder, as `pnpm publish` would. They must have been built. */
export async function packAll(folder: string): Promise<readonly PackedPackage[]> {
  const packed: PackedPackage[] = [];
  for (const each of publishedPackages()) {
    const destination = join(folder, each.manifest.name.replace(/^@.*\//, ''));
    await mkdir(destination, { recursive: true });
    await runPnpm(['pack', '--pack-destination', destination], { cwd: each.dir });
    const [file] = (await readdir(destination)).filter((name) => name.endsWith('.tgz'));
    if (!file) throw new Error(`pnpm pack left no tarball of ${each.manifest.name} in ${destination}.`);
    packed.push({ ...each, tarball: join(destination, file) });
  }
  return packed;
}

/** Installs tarballs, and what they depend on, into a project with npm, as a user would. */
export function npmInstall(project: string, tarballs: readonly string[]): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  // A request that gets stuck is asked again, not waited for.
  const quick = [
    '--omit=dev',
    '--omit=peer',
    '--prefer-offline',
    '--fetch-timeout=30000',
    '--fetch-retry-mintimeout=1000',
  ];
  return runCommand('npm', ['install', ...quiet, ...quick, ...tarballs], {
    cwd: project,
    env: userEnvironment(),
  });
}

/** Gives a project tools of this repository, such as its compiler. What is under test comes from npm. */
export async function linkTools(project: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(project, 'node_modules', name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(root, 'node_modules', name), path);
  }
}
