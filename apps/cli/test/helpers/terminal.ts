import { spawnSync } from 'node:child_process';
import { COMMAND, type Project, type Running } from './project.ts';

// The terminal comes from util-linux, which macOS and slim images lack.
export const hasTerminal: boolean =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;
if (!hasTerminal)
  console.warn('No pseudo terminal: these tests need script of util-linux (apt-get install bsdutils).');

/** Runs the command on a terminal of that size; both streams come in one. */
export function onTerminal(
  project: Project,
  args: readonly string[],
  options: { readonly columns?: number; readonly env?: Record<string, string> } = {},
): Running {
  const quoted = [process.execPath, ...COMMAND, ...args].map((arg) => `'${arg}'`).join(' ');
  const command = `stty cols ${options.columns ?? 80} rows 24; exec ${quoted}`;
  return project.spawn('script', ['-qec', command, '/dev/null'], { TERM: 'xterm-256color', ...options.env });
}
