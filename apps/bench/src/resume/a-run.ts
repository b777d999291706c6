import { type Figures, runProgram } from '../harness/program.ts';

/** Where a run is kept, and its shape. */
export interface Run {
  readonly rootDir: string;
  /** Beside the baseline. */
  readonly treatments: number;
  readonly replicates: number;
}

/** How many cells a run has. */
export function cellsOf({ treatments, replicates }: Run): number {
  return (treatments + 1) * replicates;
}

/** Runs every cell. */
export async function runAnew(run: Run): Promise<Figures> {
  return measure(run, 'experiment.mjs', { strategy: 'rerun' }, cellsOf(run));
}

/** Runs all cells but the last ones, and is then stopped by its signal. */
export async function runUntil(run: Run, missing: number): Promise<void> {
  const stopAfter = cellsOf(run) - missing;
  await runProgram(programUrl('experiment.mjs'), { args: { ...run, strategy: 'rerun', stopAfter } });
}

/** Goes on with what is stored, of which so many cells are missing. */
export async function resumeRun(run: Run, missing: number): Promise<Figures> {
  return measure(run, 'experiment.mjs', { strategy: 'resume' }, missing);
}

/** Reads what is stored with the bare program. */
export async function readBare(run: Run): Promise<Figures> {
  return measure(run, 'bare.mjs', {}, undefined);
}

/** `ended` is the time until the process has ended, in milliseconds. */
async function measure(
  run: Run,
  program: string,
  args: Readonly<Record<string, unknown>>,
  toRun: number | undefined,
): Promise<Figures> {
  const startedAt = performance.now();
  const figures = await runProgram(programUrl(program), { args: { ...run, ...args } });
  const ended = performance.now() - startedAt;
  assertSameWork(run, figures, toRun);
  return { ...figures, ended };
}

/** @throws Error unless a program read the last number and ran as many cells as it had to. */
export function assertSameWork(run: Run, figures: Figures, toRun: number | undefined): void {
  const expected = (run.replicates - 1 + run.treatments + 1) * 2;
  if (figures['value'] !== expected) {
    throw new Error(`The program read ${figures['value']}, where ${expected} was expected.`);
  }
  if (toRun !== undefined && figures['executed'] !== toRun) {
    throw new Error(`The program ran ${figures['executed']} cells, where ${toRun} were missing.`);
  }
}

function programUrl(name: string): URL {
  return new URL(`./${name}`, import.meta.url);
}
