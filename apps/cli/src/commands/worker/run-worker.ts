import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../../cli-error.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { fileIn, importOptional } from '../../loading/user-package.ts';
import { Interruption } from '../../process/interruption.ts';
import { hideNeedlessWarnings } from '../../process/node-warnings.ts';
import type { Environment } from '../../process/terminal.ts';
import { openStatusLine } from '../../progress/status-line.ts';
import { codeOf, isDefinitionError } from '../../summary/exit-code-of.ts';
import { count } from '../../text/count.ts';
import { plainLine, plainText } from '../../text/plain-text.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { QUEUE_PACKAGE, redisUrl } from '../run/executor-options.ts';
import type { QueueWorkerEvent, RunQueueWorker } from './queue-package.ts';
import { cellName, eventLine, WorkerState } from './worker-state.ts';

/** What `crystallize worker` was told. */
export interface WorkerCommandOptions {
  readonly queue: string;
  readonly redis?: string | undefined;
  readonly concurrency?: number | undefined;
  readonly root?: string | undefined;
  readonly runtime: 'threads' | 'processes';
}

/** Cells that are named where it is told what is waited for. */
const MOST_CELLS = 6;

const RUNTIMES = { threads: 'worker_threads', processes: 'child_process' } as const;

/**
 * Runs cells of a queue until a signal comes and those under way have ended, and tells of each.
 * @throws CliError where the package for queues is missing, or an error has stopped it.
 */
export async function runWorker(
  options: WorkerCommandOptions,
  env: Environment = process.env,
): Promise<ExitCode> {
  hideNeedlessWarnings();
  const { queue, concurrency = availableParallelism(), runtime } = options;
  const root = options.root === undefined ? nearestPackage(process.cwd()) : requireFolder(options.root);
  const connection = redisUrl(options.redis);
  const run = (await importOptional(
    { name: QUEUE_PACKAGE, export: 'runQueueWorker', needs: 'crystallize worker' },
    fileIn(root),
  )) as unknown as RunQueueWorker;
  const state = new WorkerState();
  using interruption = new Interruption();
  using status = openStatusLine(env, () => state.line(interruption.signal.aborted));
  interruption.runStarts({
    stopping: () => status.note(stoppingNote(state)),
    leaving: () => {},
  });
  const onEvent = (event: QueueWorkerEvent) => {
    state.take(event);
    const line = eventLine(event, !status.live);
    if (line !== undefined) status.note(line);
    else status.changed();
  };
  try {
    await run({
      queue,
      connection,
      concurrency,
      root,
      runtime: RUNTIMES[runtime],
      signal: interruption.signal,
      onEvent,
    });
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const said = plainText(error.message.replaceAll(connection, shownUrl(connection)));
    const known = codeOf(error) !== undefined;
    const exitCode = isDefinitionError(error) ? EXIT.usage : EXIT.failed;
    throw new CliError(known ? said : `the worker was stopped: ${said}`, { exitCode, cause: error });
  }
}

function stoppingNote({ underWay }: WorkerState): string {
  const cells = underWay.slice(0, MOST_CELLS).map(cellName);
  const rest = underWay.length - cells.length;
  const names = [...cells, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
  const wait =
    underWay.length > 0 ? `waiting for ${count(underWay.length, 'cell')} under way (${names})` : 'closing';
  return `crystallize: stopping, ${wait}; once more ends it at once.`;
}

/** The nearest folder with a package.json, upwards; where there is none, the folder itself. */
function nearestPackage(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (at === dirname(at)) return folder;
  }
}

function requireFolder(given: string): string {
  const path = resolve(given);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new CliError(
    `--root ${plainLine(given)} is no folder. Name the one below which the experiments lie.`,
  );
}
