import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** What a script has come to. */
export interface ScriptEnd {
  readonly code: number | null;
  /** What it told, by label, in order. */
  readonly told: Readonly<Record<string, readonly unknown[]>>;
  readonly stderr: string;
}

/** What a script is started with. */
export interface ScriptSurroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** For node itself. */
  readonly options?: readonly string[];
  readonly cwd?: string;
}

const running = new Set<ChildProcessWithoutNullStreams>();

// A test that fails must leave nothing behind that goes on for ever.
afterAll(() => {
  for (const { pid } of running) process.kill(-(pid as number), 'SIGKILL');
});

/** A script of the folder `scripts`, as a process of its own. */
export function startScript(
  script: string,
  args: readonly string[],
  { env = {}, options = [], cwd }: ScriptSurroundings = {},
): ChildProcessWithoutNullStreams {
  const path = fileURLToPath(new URL(`scripts/${script}`, import.meta.url));
  const child = spawn(process.execPath, ['--conditions=crystallize-source', ...options, path, ...args], {
    env: { ...process.env, ...env },
    cwd,
    // A group of its own, as a terminal gives it: Ctrl-C reaches its workers as well.
    detached: true,
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Waits for its end. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<ScriptEnd> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child, 'close');
  return { code: child.exitCode, told: toldIn(stdout), stderr };
}

/** Runs a script to its end. @throws when it does not end as it should. */
export async function runScript(...start: Parameters<typeof startScript>): Promise<ScriptEnd['told']> {
  const { code, told, stderr } = await endOf(startScript(...start));
  if (code !== 0 || stderr !== '') throw new Error(`${start[0]} ended with ${code}: ${stderr}`);
  return told;
}

/** Resolves when a script has told something under a label. */
export async function toldBy(child: ChildProcessWithoutNullStreams, label: string): Promise<unknown> {
  let text = '';
  for await (const [chunk] of on(child)) {
    text += String(chunk);
    const [value] = toldIn(text.slice(0, text.lastIndexOf('\n') + 1))[label] ?? [];
    if (value !== undefined) return value;
  }
  throw new Error(`it ended without telling '${label}', but: ${text}`);
}

async function* on(child: ChildProcessWithoutNullStreams): AsyncGenerator<[unknown]> {
  const chunks: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  const note = (chunk: unknown) => {
    chunks.push(chunk);
    wake.resolve();
  };
  child.stdout.on('data', note);
  child.once('close', () => {
    ended = true;
    wake.resolve();
  });
  try {
    while (!ended || chunks.length > 0) {
      if (chunks.length > 0) yield [chunks.shift()];
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  } finally {
    child.stdout.off('data', note);
  }
}

function toldIn(text: string): Record<string, unknown[]> {
  const told: Record<string, unknown[]> = {};
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"told":')) continue;
    const { told: label, value } = JSON.parse(line) as { told: string; value: unknown };
    told[label] = [...(told[label] ?? []), value];
  }
  return told;
}

/** Whether a process is there, and not one that has ended and waits for its parent to ask how. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    // Not on Linux, or gone by now: then it is seen to be gone the next time.
    return true;
  }
}
