import type { Accepted } from '@crystallize/core';
import { isRelocatable } from '../../config/adapted-plugins.ts';
import { findAndLoadConfig } from '../../config/load-config.ts';
import { applySettings } from '../../config/run-settings.ts';
import type { ExitCode } from '../../exit-code.ts';
import { findTarget } from '../../loading/find-target.ts';
import type { RunTarget } from '../../loading/run-target.ts';
import { fileIn } from '../../loading/user-package.ts';
import { reserveStdout } from '../../process/streams.ts';
import { columnsOf, debugAsked, type Environment, paintFor } from '../../process/terminal.ts';
import { unacceptedKinds } from '../../summary/difference-lines.ts';
import { exitCodeOf, isDefinitionError } from '../../summary/exit-code-of.ts';
import { refusalOf } from '../../summary/refusal.ts';
import { type EndedRun, resultLines } from '../../summary/result-lines.ts';
import { plainLine } from '../../text/plain-text.ts';
import { UserFrames } from '../../text/user-frames.ts';
import { withUserCode } from '../user-code.ts';
import { executorFor } from './executor.ts';
import { explainTarget } from './explain-target.ts';
import { resumeCommand } from './resume-command.ts';
import type { RunCommandOptions } from './run-options.ts';
import { runWithProgress } from './run-with-progress.ts';
import { targetOptions } from './target-options.ts';

/**
 * Runs what a file exports, shows how it goes on, and prints what came of it; or prints what a resume
 * would do.
 *
 * @param given The file, or the name of an experiment that the config file's `experiments` hold.
 * @param args What followed the name of the program.
 * @throws CliError for everything that keeps it from its end.
 */
export async function runFile(
  given: string | undefined,
  options: RunCommandOptions,
  args: readonly string[],
  env: Environment = process.env,
): Promise<ExitCode> {
  const print = options.json ? reserveStdout() : (text: string) => process.stdout.write(text);
  const verbose = options.verbose === true || debugAsked(env);
  const near = given ?? fileIn('.');
  return withUserCode(near, verbose, async (interruption, parting) => {
    const config = await findAndLoadConfig(options.config);
    // An explanation runs no cell, so that what would run them need not be there.
    const executor = options.explain ? undefined : await executorFor(options, near);
    await applySettings({
      config,
      store: options.store,
      executor,
      setUpWorkers: options.workers !== undefined,
    });
    const { experiment } = options;
    const { target, path, notes } = await findTarget({ given, experiment, config });
    for (const note of [...notes, ...unplacedNotes(target, options.store)])
      process.stderr.write(`crystallize: warning: ${note}\n`);
    const asked = targetOptions(target, options);
    const accepting = (kinds: readonly Accepted[]) => resumeCommand(args, env, kinds);
    if (options.explain) {
      const { text, exitCode } = await explainTarget(target, asked, {
        json: options.json === true,
        verbose,
        env,
        path,
        accepting,
      });
      print(`${text}\n`);
      return exitCode;
    }
    const runs = await runWithProgress(target, asked, {
      env,
      verbose,
      interruption,
      parting,
      path,
      accepting,
    });
    const text = options.json
      ? JSON.stringify(documentOf(target, runs), undefined, 2)
      : summaryOf(target, runs, { env, verbose, path, resume: parting.line(), accepting });
    print(`${text}\n`);
    return exitCodeOf(runs.map(({ result }) => result));
  });
}

/** What is to be told where `--store` was given for nothing. */
function unplacedNotes({ experiments }: RunTarget, store: string | undefined): readonly string[] {
  if (store === undefined) return [];
  return experiments
    .filter(({ plugins }) => !plugins.some(isRelocatable))
    .map(
      ({ info }) =>
        `'${plainLine(info.directory)}' has no ArtifactPlugin, so --store changes nothing for it. Add one to its plugins, or to those of the config file.`,
    );
}

interface SummarySettings {
  readonly env: Environment;
  readonly verbose: boolean;
  /** Of the experiment's file, absolute. */
  readonly path: string;
  /** How to go on with what an error has stopped. */
  readonly resume: string | undefined;
  /** The command that resumes and accepts this, where it can be told. */
  readonly accepting: (kinds: readonly Accepted[]) => string | undefined;
}

function summaryOf(
  target: RunTarget,
  runs: readonly EndedRun[],
  { env, verbose, path, resume, accepting }: SummarySettings,
): string {
  const { stdout } = process;
  const style = {
    width: columnsOf(stdout),
    paint: paintFor(stdout, env),
    frames: new UserFrames(path),
    verbose,
  };
  const texts = runs.map((run) => resultLines(run, style).join('\n'));
  if (target.kind === 'experiment') return texts.join('\n\n');
  const errors = runs.flatMap(({ result }) => (result.status === 'failed' ? (result.error ?? []) : []));
  const refused = unacceptedKinds(errors.flatMap((error) => refusalOf(error)?.differences ?? []));
  const command = refused.length > 0 ? accepting(refused) : undefined;
  const closing = [
    graphLine(runs),
    ...(command === undefined ? [] : [`To resume all the same: ${command}`]),
    // What was refused would be refused again.
    ...(resume !== undefined && errors.some((error) => !isDefinitionError(error)) ? [resume] : []),
  ];
  return [...texts, closing.join('\n')].join('\n\n');
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
