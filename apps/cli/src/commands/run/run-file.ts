import { CliError } from '../../cli-error.ts';
import type { ExitCode } from '../../exit-code.ts';
import { loadFile } from '../../loading/load-file.ts';
import { checkTreatments, chooseTarget, type RunTarget } from '../../loading/run-target.ts';
import type { Interruption } from '../../process/interruption.ts';
import { reserveStdout } from '../../process/streams.ts';
import { columnsOf, debugAsked, type Environment, paintFor } from '../../process/terminal.ts';
import { openReporter, type Reporter } from '../../progress/reporter.ts';
import { exitCodeOf } from '../../summary/exit-code-of.ts';
import { type EndedRun, resultLines } from '../../summary/result-lines.ts';
import { plainLine } from '../../text/plain-text.ts';
import { UserFrames } from '../../text/user-frames.ts';
import { stoppedError } from '../run-failure.ts';
import { withUserCode } from '../user-code.ts';
import type { RunCommandOptions } from './run-options.ts';

/**
 * Runs what a file exports, shows how it goes on, and prints what came of it.
 * @throws CliError for everything that keeps it from its end.
 */
export async function runFile(
  file: string,
  options: RunCommandOptions,
  env: Environment = process.env,
): Promise<ExitCode> {
  const print = options.json ? reserveStdout() : (text: string) => process.stdout.write(text);
  const verbose = options.verbose === true || debugAsked(env);
  return withUserCode(file, verbose, async (interruption) => {
    const loaded = await loadFile(file);
    const { path } = loaded;
    const target = chooseTarget(loaded, options.experiment);
    const runs = await runTarget(target, options, { env, verbose, interruption, path });
    const text = options.json
      ? JSON.stringify(documentOf(target, runs), undefined, 2)
      : summaryOf(target, runs, { env, verbose, path });
    print(`${text}\n`);
    return exitCodeOf(runs.map(({ result }) => result));
  });
}

interface Surroundings {
  readonly env: Environment;
  readonly verbose: boolean;
  /** Of the experiment's file, absolute. */
  readonly path: string;
}

async function runTarget(
  target: RunTarget,
  options: RunCommandOptions,
  { env, verbose, path, interruption }: Surroundings & { readonly interruption: Interruption },
) {
  const { replicates, seed, failFast, timeout, retries, treatment } = options;
  const treatments = treatment && checkTreatments(target, treatment);
  const names = target.experiments.map(({ info }) => info.directory);
  const reporter = openReporter({ names, verbose, env });
  interruption.runStarts(() => reporter.note(stoppingNote(reporter)));
  try {
    const results = await target.run({
      signal: interruption.signal,
      onEvent: reporter.listener,
      ...(treatments === undefined ? {} : { treatments }),
      ...(replicates === undefined ? {} : { replicates }),
      ...(seed === undefined ? {} : { seed }),
      ...(failFast === undefined ? {} : { failFast }),
      ...(timeout === undefined ? {} : { timeout }),
      ...(retries === undefined ? {} : { retries }),
    });
    const runs = Object.entries(results).map(([name, result]): EndedRun => {
      const { startedAt, endedAt } = reporter.progress.of(name);
      const elapsed = startedAt === undefined ? undefined : (endedAt ?? performance.now()) - startedAt;
      return { result, elapsed, experiment: target.experiments.find(({ info }) => info.directory === name) };
    });
    return runs;
  } catch (error) {
    throw error instanceof CliError ? error : stoppedError(error, reporter.progress.runs, path);
  } finally {
    interruption.runEnded();
    reporter.close();
  }
}

function stoppingNote({ progress }: Reporter): string {
  const underWay = progress.runs.reduce((sum, run) => sum + run.underWay.size, 0);
  const wait =
    underWay > 0
      ? `waiting for what is under way (${underWay} ${underWay === 1 ? 'cell' : 'cells'})`
      : 'closing';
  return `crystallize: stopping, ${wait}; once more ends it at once.`;
}

function summaryOf(
  target: RunTarget,
  runs: readonly EndedRun[],
  { env, verbose, path }: Surroundings,
): string {
  const { stdout } = process;
  const style = {
    width: columnsOf(stdout),
    paint: paintFor(stdout, env),
    frames: new UserFrames(path),
    verbose,
  };
  const texts = runs.map((run) => resultLines(run, style).join('\n'));
  return [...texts, ...(target.kind === 'graph' ? [graphLine(runs)] : [])].join('\n\n');
}

/** The result as it describes itself; of a graph, each by its name. */
function documentOf(target: RunTarget, runs: readonly EndedRun[]): unknown {
  if (target.kind === 'experiment') return runs[0]?.result.toJSON();
  return Object.fromEntries(runs.map(({ result }) => [result.experiment.directory, result.toJSON()]));
}

function graphLine(runs: readonly EndedRun[]): string {
  const by = (wanted: string) => runs.filter(({ result }) => result.status === wanted).length;
  const parts = ['done', 'failed', 'skipped']
    .map((status) => [by(status), status] as const)
    .filter(([number]) => number > 0);
  return plainLine(
    `${runs.length} experiments: ${parts.map(([number, status]) => `${number} ${status}`).join(', ')}`,
  );
}
