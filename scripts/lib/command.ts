import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command runs. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The environment of a user's shell: with this very node first on the path, and without what pnpm
 * tells the programs that it starts, which npm would take for its own settings.
 */
export function userEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(npm|pnpm)_/i.test(name)) env[name] = value;
  }
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  env.PATH = [dirname(process.execPath), ...path].join(delimiter);
  return env;
}

/** Runs a command without a terminal and gives what it printed, however it ended. */
export function tryCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a command that must succeed, and gives its standard output. */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(file, args, options);
  if (code !== 0) {
    throw new Error(
      `In ${options.cwd}, \`${[file, ...args].join(' ')}\` ended with ${code}:\n${stdout}\n${stderr}`,
    );
  }
  return stdout;
}

/** Runs pnpm: that of the path, as inside a `pnpm` script, else through npx. */
export function runPnpm(args: readonly string[], options: CommandOptions): Promise<string> {
  const onPath = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'pnpm')));
  return onPath
    ? runCommand('pnpm', args, options)
    : runCommand('npx', ['--yes', 'pnpm@12', ...args], options);
}
