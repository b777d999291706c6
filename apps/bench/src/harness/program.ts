import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program measured of itself, by the name of the figure. */
export type Figures = Readonly<Record<string, number>>;

/** How a program is started. */
export interface ProgramOptions {
  /** Plain data that the program reads with {@link programArgs}. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Default: that of this process. */
  readonly cwd?: string;
}

/**
 * Runs a program in a fresh node process of its own, against the built packages, and returns the
 * figures that it printed as the last line, as JSON.
 *
 * @throws Error when it fails or prints no figures; the message has what it wrote to stderr.
 */
export async function runProgram(program: URL, { args = {}, cwd }: ProgramOptions = {}): Promise<Figures> {
  const path = fileURLToPath(program);
  // Options meant for this process (conditions that resolve to sources, an inspector) would falsify the figures.
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const startedAt = process.hrtime.bigint();
  const child = spawn(process.execPath, [path, JSON.stringify({ ...args, startedAt: String(startedAt) })], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const [output, errors, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, signal) => resolve(exit ?? signal));
    }),
  ]);
  if (code !== 0) throw new Error(`${path} ended with ${code}, where 0 was expected:\n${errors || output}`);
  return parseFigures(path, output);
}

function parseFigures(path: string, output: string): Figures {
  const line = output.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as Figures;
  } catch (cause) {
    throw new Error(`${path} was to print its figures as JSON in its last line, and printed: ${line}`, {
      cause,
    });
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}
