import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, runCommand, tryCommand, userEnvironment } from './command.ts';
import { linkTools, npmInstall } from './tarballs.ts';
import { root } from './workspace.ts';

/** A project of a user: one of `scripts/used-by`, alone in a folder, with what npm has installed there. */
export class UserProject {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Copies a project into a folder, installs tarballs there with npm, and links tools of this repository. */
  static async install(options: {
    readonly name: string;
    readonly parent: string;
    readonly tarballs: readonly string[];
    readonly tools: readonly string[];
  }): Promise<UserProject> {
    const folder = join(options.parent, options.name);
    await mkdir(folder);
    await cp(join(root, 'scripts/used-by', options.name), folder, { recursive: true });
    await npmInstall(folder, options.tarballs);
    await linkTools(folder, options.tools);
    return new UserProject(folder);
  }

  /** Runs a program of the project, or of node, and gives how it ended. */
  try(command: string, ...args: readonly string[]): Promise<CommandResult> {
    return tryCommand(command, args, { cwd: this.folder, env: userEnvironment() });
  }

  /** Starts a program, and asks it to end when the signal comes; resolves when it has. */
  async start(signal: AbortSignal, command: string, ...args: readonly string[]): Promise<void> {
    const child = spawn(command, args, { cwd: this.folder, env: userEnvironment(), stdio: 'ignore' });
    signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
    await once(child, 'exit');
  }

  /** Runs a program that must succeed and print JSON, one value a line. */
  async json(command: string, ...args: readonly string[]): Promise<readonly unknown[]> {
    const stdout = await runCommand(command, args, { cwd: this.folder, env: userEnvironment() });
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as unknown);
  }

  /** Type-checks the project, strictly, against the types that were installed. */
  async typeCheck(): Promise<void> {
    const args = ['node_modules/typescript/bin/tsc', '-p', '.', '--pretty', 'false'];
    const { code, stdout, stderr } = await this.try('node', ...args);
    if (code !== 0) throw new Error(stdout + stderr);
  }
}
