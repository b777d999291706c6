import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../node_modules/@crystallize', import.meta.url));
const cli = fileURLToPath(new URL('../..', import.meta.url));
const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Milliseconds after which a command is killed: as long as a test may take. */
const LONGEST = 30_000;

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is under way. */
export interface Running {
  readonly process: ChildProcess;
  /** Resolves when standard error holds the text. */
  said(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** The arguments for Node that start the command from its sources. */
export const COMMAND: readonly string[] = ['--conditions=crystallize-source', main];

/** A folder of experiment files, outside of the repository, which finds the packages as an installed one does. */
export class Project implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async with(files: Readonly<Record<string, string>>): Promise<Project> {
    const project = new Project(await realpath(await mkdtemp(join(tmpdir(), 'crystallize-cli-'))));
    const installed = join(project.folder, 'node_modules/@crystallize');
    await mkdir(installed, { recursive: true });
    for (const name of await readdir(packages))
      await symlink(join(packages, name), join(installed, name), 'dir');
    await symlink(cli, join(installed, 'cli'), 'dir');
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(project.folder, name)), { recursive: true });
      await writeFile(join(project.folder, name), text);
    }
    return project;
  }

  /** Installs a package of this repository that the command does not depend on. */
  async install(name: string): Promise<void> {
    const target = join(repository, 'packages', name);
    await symlink(target, join(this.folder, 'node_modules/@crystallize', name), 'dir');
  }

  /** Runs `crystallize` in the folder, without a terminal, to its end. */
  crystallize(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  /** Starts `crystallize` in the folder, without a terminal. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return this.spawn(process.execPath, [...COMMAND, ...args], env);
  }

  /** Runs a command as a user would paste it into a shell, where `crystallize` is on the path. */
  async shell(command: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const program = join(this.folder, 'node_modules/.bin/crystallize');
    await mkdir(dirname(program), { recursive: true });
    const words = [process.execPath, ...COMMAND].map((word) => `'${word}'`).join(' ');
    await writeFile(program, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
    const path = `${dirname(program)}:${process.env['PATH']}`;
    return this.spawn('sh', ['-c', command], { ...env, PATH: path }).ended;
  }

  /** Every file of the project by its path, and with `folders` every folder too, with when it was changed and what it holds. */
  async tree({
    folders = true,
  }: {
    readonly folders?: boolean;
  } = {}): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const key = path.slice(this.folder.length + 1);
      if (key.startsWith('node_modules') || !(folders || entry.isFile())) continue;
      const { mtimeMs } = await stat(path);
      found[key] = `${mtimeMs} ${entry.isFile() ? hash('sha256', await readFile(path)) : ''}`;
    }
    return found;
  }

  spawn(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { ...plainEnvironment(), ...env },
      stdio: 'pipe',
      // One that a failed test leaves behind would keep the test runner from ending.
      timeout: LONGEST,
      killSignal: 'SIGKILL',
    });
    const text = { stdout: '', stderr: '' };
    const waiting = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
        for (const check of waiting) check();
      });
    }
    child.stdin.end();
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...text }));
    });
    const said = (wanted: string) =>
      new Promise<void>((resolve, reject) => {
        const check = () => {
          if (!text.stderr.includes(wanted)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`It ended without saying '${wanted}': ${text.stderr}`)));
      });
    return { process: child, ended, said };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The environment without what changes how output looks, and without what vitest and pnpm set. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const {
    CI: _ci,
    NO_COLOR: _plain,
    FORCE_COLOR: _forced,
    DEBUG: _debug,
    NODE_OPTIONS: _options,
    NODE_PATH: _path,
    REDIS_URL: _redis,
    npm_command: _npm,
    ...rest
  } = process.env;
  return rest;
}
