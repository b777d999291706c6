import type { QueueConnection } from '../connection/connection.ts';
import { QueueOptionsError } from '../queue-errors.ts';
import { problemOfQueueName } from '../wire/queue-keys.ts';

/** How cells are given to other machines. All times are in milliseconds. */
export interface BullmqExecutionOptions {
  /** Name of the queue; workers are started with the same. Letters, digits, `.`, `-` and `_`. */
  readonly queue: string;
  /**
   * Where Redis is: a `redis://` or `rediss://` URL, options of ioredis, or an ioredis instance, whose
   * settings are used for connections of the plugin's own. Default: the environment's `REDIS_URL`, else
   * `redis://127.0.0.1:6379`.
   */
  readonly connection?: QueueConnection;
  /** How many cells wait in Redis, or are under way, at the same time. Default 4096. */
  readonly inFlight?: number;
  /**
   * For how long workers go on taking the cells that are queued when this process is gone. What they
   * finish is picked up by `run({ strategy: 'resume' })`. Default 60,000; Infinity: until none is left.
   */
  readonly orphanGrace?: number;
  /**
   * For how long the run goes on while no worker takes a cell; a warning says so after 10 seconds.
   * Default 600,000, that is 10 minutes; Infinity: for ever.
   */
  readonly awaitWorkers?: number;
  /** For how long a lost connection to Redis is opened again before the run is stopped. Default 60,000. */
  readonly reconnectFor?: number;
  /** For how long results that nobody has fetched are kept in Redis. Default seven days. */
  readonly keepResults?: number;
}

/** @internal The options as they are used: nothing is left out, nothing is wrong. */
export type ExecutionSettings = Required<Omit<BullmqExecutionOptions, 'connection'>> &
  Pick<BullmqExecutionOptions, 'connection'>;

const DEFAULTS = {
  inFlight: 4096,
  orphanGrace: 60_000,
  awaitWorkers: 600_000,
  reconnectFor: 60_000,
  keepResults: 7 * 24 * 3_600_000,
};

/** A hundred years, in milliseconds. */
const FOR_EVER = 100 * 365 * 24 * 3_600_000;

/** Less would let workers take a coordinator that is only busy for dead. */
const LEAST_GRACE = 1000;

/** @internal @throws QueueOptionsError */
export function readExecutionOptions(options: BullmqExecutionOptions): ExecutionSettings {
  const settings = { ...DEFAULTS, ...withoutUndefined(options) };
  const { queue, inFlight, orphanGrace, awaitWorkers, reconnectFor, keepResults } = settings;
  const problems = [
    problemOfQueueName(queue),
    inFlight >= 1 && Number.isInteger(inFlight)
      ? undefined
      : `inFlight is a whole number of at least 1, and was given as ${inFlight}.`,
    orphanGrace >= LEAST_GRACE
      ? undefined
      : `orphanGrace is at least ${LEAST_GRACE} ms, and was given as ${orphanGrace}.`,
    ...Object.entries({ awaitWorkers, reconnectFor, keepResults }).map(([name, value]) =>
      value > 0 ? undefined : `${name} is a time in milliseconds above 0, and was given as ${value}.`,
    ),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new QueueOptionsError('BullmqExecution', problems);
  // Redis takes whole milliseconds, and none that are infinite.
  const keep = Math.ceil(Math.min(keepResults, FOR_EVER));
  // What is kept for ever would fill Redis; so no coordinator counts as alive for longer than its results.
  return { ...settings, keepResults: keep, orphanGrace: Math.ceil(Math.min(orphanGrace, keep)) };
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
