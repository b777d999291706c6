import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunEnvironment } from '../plugin/records.ts';

/** git may hang on a network share or wait for a lock; a run must not. */
const TIMEOUT_MS = 2000;

const states = new Map<string, RunEnvironment['git']>();

/**
 * @internal The commit that a folder's work tree is at, and whether tracked files differ from it. Asked
 * once per process and folder: the code that runs is what was loaded, whatever is edited since.
 */
export function gitState(folder: string): RunEnvironment['git'] {
  if (!states.has(folder)) states.set(folder, isInWorkTree(folder) ? askGit(folder) : undefined);
  return states.get(folder);
}

/** Spares most runs outside a repository the start of a process. */
function isInWorkTree(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true;
    if (at === dirname(at)) return false;
  }
}

function askGit(folder: string): RunEnvironment['git'] {
  try {
    // Got here, since an import would cost every start two milliseconds.
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const status = ['status', '--porcelain=v2', '--branch', '--untracked-files=no'];
    const stdout = execFileSync('git', ['--no-optional-locks', '-C', folder, ...status], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      windowsHide: true,
    });
    const lines = stdout.split('\n').filter((line) => line !== '');
    const commit = lines.find((line) => line.startsWith('# branch.oid '))?.slice('# branch.oid '.length);
    if (commit === undefined || commit === '(initial)') return undefined;
    return { commit, dirty: lines.some((line) => !line.startsWith('#')) };
  } catch {
    // No git, no repository, or no permission to start processes: provenance goes without it.
    return undefined;
  }
}
