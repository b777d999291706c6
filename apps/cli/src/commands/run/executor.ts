import type { Plugin } from '@crystallize/core';
import { CliError } from '../../cli-error.ts';
import { importOptional } from '../../loading/user-package.ts';
import { plainLine } from '../../text/plain-text.ts';
import { shownUrl } from '../../text/shown-url.ts';
import { type ExecutorOptions, QUEUE_PACKAGE, redisUrl } from './executor-options.ts';

/**
 * What runs the cells as the options say; `undefined` where they say nothing.
 *
 * @param from Path of the experiment's file: its copy of each package is used.
 * @throws CliError where a package is missing.
 */
export async function executorFor(
  { workers, concurrency, queue, redis }: ExecutorOptions,
  from: string,
): Promise<Plugin | undefined> {
  const core = '@crystallize/core';
  if (workers !== undefined)
    return await make(
      { name: core, export: 'ParallelExecution', needs: '--workers' },
      workers === true ? {} : { workers },
      from,
    );
  if (concurrency !== undefined)
    return await make(
      { name: core, export: 'AsyncExecution', needs: '--concurrency' },
      { concurrency },
      from,
    );
  if (queue === undefined) return undefined;
  const connection = redisUrl(redis);
  try {
    return await make(
      { name: QUEUE_PACKAGE, export: 'BullmqExecution', needs: '--queue' },
      { queue, connection },
      from,
    );
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(plainLine(message.replaceAll(connection, shownUrl(connection))), { cause });
  }
}

async function make(
  which: Parameters<typeof importOptional>[0],
  options: object,
  from: string,
): Promise<Plugin> {
  const Executor = (await importOptional(which, from)) as new (options: object) => Plugin;
  return new Executor(options);
}
