/** The package that runs cells through a queue. */
export const QUEUE_PACKAGE = '@crystallize/bullmq';

/** How a command was told to run cells. */
export interface ExecutorOptions {
  /** Cells side by side in workers; `true`: one worker for each core. */
  readonly workers?: number | true | undefined;
  /** Cells side by side in this thread. */
  readonly concurrency?: number | undefined;
  /** Name of the queue whose workers run the cells. */
  readonly queue?: string | undefined;
  /** URL of the Redis that has the queue. */
  readonly redis?: string | undefined;
}

/** What doesn't go together, as a sentence; `undefined` where all fits. */
export function executorConflict({
  workers,
  concurrency,
  queue,
  redis,
}: ExecutorOptions): string | undefined {
  const given = [
    ...(workers === undefined ? [] : ['--workers']),
    ...(concurrency === undefined ? [] : ['--concurrency']),
    ...(queue === undefined ? [] : ['--queue']),
  ];
  if (given.length > 1) return `${given.join(' and ')} are ways to run the cells, of which one can be used.`;
  return redis !== undefined && queue === undefined
    ? '--redis goes with --queue, which was not given.'
    : undefined;
}

/** The URL of the Redis that counts: what was given, else `$REDIS_URL`, else this machine's. */
export function redisUrl(given: string | undefined): string {
  return given ?? (process.env['REDIS_URL'] || 'redis://127.0.0.1:6379');
}
