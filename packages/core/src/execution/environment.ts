import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from '../plugin/plugin.ts';
import type { RunEnvironment } from '../plugin/records.ts';

/** git may hang on a network share or ask for a lock; a run must not. */
const GIT_TIMEOUT_MS = 2000;

const gitStates = new Map<string, Promise<RunEnvironment['git']>>();

/** @internal The surroundings of a run. Never values of environment variables. */
export async function describeEnvironment(module: string | undefined, plugins: readonly Plugin[]): Promise<RunEnvironment> {
  const packages: Record<string, string> = { '@crystallize/core': coreVersion() };
  for (const plugin of plugins) if (plugin.version !== undefined) packages[plugin.name] = plugin.version;
  const git = await gitState(module?.startsWith('file:') ? dirname(fileURLToPath(module)) : process.cwd());
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    packages,
    ...(git ? { git } : {}),
    ...(module === undefined ? {} : { module }),
  };
}

/** Asked once per process and folder: the code that runs is what was loaded, whatever is edited since. */
function gitState(folder: string): Promise<RunEnvironment['git']> {
  const known = gitStates.get(folder);
  if (known) return known;
  const asked = askGit(folder);
  gitStates.set(folder, asked);
  return asked;
}

async function askGit(folder: string): Promise<RunEnvironment['git']> {
  try {
    const status = ['status', '--porcelain=v2', '--branch', '--untracked-files=no'];
    // Loaded here, since it would cost every start two milliseconds.
    const [{ execFile }, { promisify }] = await Promise.all([import('node:child_process'), import('node:util')]);
    const { stdout } = await promisify(execFile)('git', ['--no-optional-locks', '-C', folder, ...status], { timeout: GIT_TIMEOUT_MS });
    const lines = stdout.split('\n').filter((line) => line !== '');
    const commit = lines.find((line) => line.startsWith('# branch.oid '))?.slice('# branch.oid '.length);
    if (commit === undefined || commit === '(initial)') return undefined;
    return { commit, dirty: lines.some((line) => !line.startsWith('#')) };
  } catch {
    // No git, no repository, or no permission to start processes: provenance goes without it.
    return undefined;
  }
}

function coreVersion(): string {
  // By name, since the built files lie elsewhere than the sources.
  const path = fileURLToPath(import.meta.resolve('@crystallize/core/package.json'));
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown';
}
