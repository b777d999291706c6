import type { Accepted, Explanation } from '@crystallize/core';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import type { RunTarget, TargetOptions } from '../../loading/run-target.ts';
import { columnsOf, type Environment, paintFor } from '../../process/terminal.ts';
import { unacceptedKinds } from '../../summary/difference-lines.ts';
import { explanationLines } from '../../summary/explanation-lines.ts';
import { stoppedError } from '../run-failure.ts';

/** How an explanation is told. */
export interface ExplainSettings {
  readonly json: boolean;
  readonly verbose: boolean;
  readonly env: Environment;
  /** Of the experiment's file, absolute. */
  readonly path: string;
  /** The command that resumes and accepts this, where it can be told. */
  readonly accepting: (kinds: readonly Accepted[]) => string | undefined;
}

/**
 * Tells what a resume of the target would do, and whether it would be refused. Runs nothing.
 * @throws CliError when that can't be told.
 */
export async function explainTarget(
  target: RunTarget,
  options: TargetOptions,
  { json, verbose, env, path, accepting }: ExplainSettings,
): Promise<{ readonly text: string; readonly exitCode: ExitCode }> {
  const explanations = await target.explain(options).catch((error: unknown) => {
    throw stoppedError(error, { runs: [], path, accepting });
  });
  const all = Object.values(explanations);
  const refused = unacceptedKinds(all.flatMap(({ differences }) => differences));
  const exitCode = refused.length > 0 ? EXIT.failed : EXIT.done;
  if (json) {
    const [first] = all;
    const shown =
      target.kind === 'experiment' && first
        ? documentOf(first)
        : Object.fromEntries(Object.entries(explanations).map(([name, each]) => [name, documentOf(each)]));
    return { text: JSON.stringify(shown, undefined, 2), exitCode };
  }
  const { stdout } = process;
  const paint = paintFor(stdout, env);
  const style = { width: columnsOf(stdout), paint, verbose };
  const command = accepting(refused);
  const closing =
    refused.length === 0
      ? []
      : [
          `${paint('bad', '--resume would be refused')}, for what differs.${command === undefined ? '' : ` To resume all the same: ${command}`}`,
        ];
  return {
    text: [...all.map((each) => explanationLines(each, style).join('\n')), ...closing].join('\n\n'),
    exitCode,
  };
}

/** Every field by name: an explanation may compute some of them when asked. */
function documentOf(explanation: Explanation): unknown {
  const { experiment, seed, replicates, conditions, restored, missing } = explanation;
  return {
    experiment,
    version: explanation.version ?? null,
    seed: seed ?? null,
    replicates,
    conditions,
    restored,
    missing,
    differences: explanation.differences,
    notes: explanation.notes,
    cells: explanation.cells,
  };
}
