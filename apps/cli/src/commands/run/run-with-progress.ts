import type { Accepted } from '@crystallize/core';
import { CliError } from '../../cli-error.ts';
import type { RunTarget, TargetOptions } from '../../loading/run-target.ts';
import type { Parting } from '../../process/early-end.ts';
import type { Interruption } from '../../process/interruption.ts';
import type { Environment } from '../../process/terminal.ts';
import { openReporter, type Reporter } from '../../progress/reporter.ts';
import type { EndedRun } from '../../summary/result-lines.ts';
import { resumeLine } from '../../summary/resume-line.ts';
import { stoppedError } from '../run-failure.ts';

/** What a run needs to know beside its options. */
export interface Surroundings {
  readonly env: Environment;
  readonly verbose: boolean;
  /** Of the experiment's file, absolute. */
  readonly path: string;
  readonly interruption: Interruption;
  readonly parting: Parting;
  /** The command that resumes and accepts this, where it can be told. */
  readonly accepting: (kinds: readonly Accepted[]) => string | undefined;
}

/**
 * Runs a target to its end, and shows on standard error how it goes on.
 * @throws CliError when it is stopped, with what there is and how to go on.
 */
export async function runWithProgress(
  target: RunTarget,
  options: TargetOptions,
  { env, verbose, path, interruption, parting, accepting }: Surroundings,
): Promise<readonly EndedRun[]> {
  const names = target.experiments.map(({ info }) => info.directory);
  const reporter = openReporter({ names, verbose, env });
  const { progress } = reporter;
  parting.line = () => resumeLine(target.experiments, progress.runs, accepting([]));
  interruption.runStarts({
    stopping: () => reporter.note(stoppingNote(reporter)),
    leaving: () => {
      const line = parting.line();
      if (line !== undefined) reporter.note(line);
    },
  });
  try {
    const results = await target.run({
      ...options,
      signal: interruption.signal,
      onEvent: reporter.listener,
    });
    return Object.entries(results).map(([name, result]): EndedRun => {
      const { startedAt, endedAt } = progress.of(name);
      const elapsed = startedAt === undefined ? undefined : (endedAt ?? performance.now()) - startedAt;
      return {
        result,
        elapsed,
        experiment: target.experiments.find(({ info }) => info.directory === name),
        resumed: options.strategy === 'resume',
      };
    });
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { experiments } = target;
    throw stoppedError(error, { runs: progress.runs, experiments, path, resume: parting.line(), accepting });
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
