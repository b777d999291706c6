/** Name of every key that a queue has in Redis. */
export class QueueKeys {
  /**
   * What all keys of the queue begin with, those of BullMQ among them: a queue of another program never
   * meets one of these. In braces, so that a Redis cluster keeps them together.
   */
  readonly prefix: string;
  /** Sorted set of the runs on the queue, by the time (Redis's) until which their coordinators count as alive. */
  readonly runs: string;
  /** Sorted set of the workers that attend the queue, by the time until which they count as alive. */
  readonly workers: string;
  /** Stream with an entry for each change of {@link runs}, so that workers need not ask all the time. */
  readonly bell: string;

  constructor(queue: string) {
    this.prefix = `{crystallize:${queue}}`;
    this.runs = `${this.prefix}:runs`;
    this.workers = `${this.prefix}:workers`;
    this.bell = `${this.prefix}:bell`;
  }

  /** What workers need to know of a run. */
  description(run: string): string {
    return `${this.prefix}:${run}:description`;
  }

  /** Stream of the live events of a run, capped. */
  events(run: string): string {
    return `${this.prefix}:${run}:live`;
  }

  /** Id of the run that goes on with what `origin` began; results of any other are refused. */
  owner(origin: string): string {
    return `${this.prefix}:of:${origin}:owner`;
  }

  /** Stream of what workers tell the coordinator: results stay in it until they are committed. */
  inbox(origin: string): string {
    return `${this.prefix}:of:${origin}:inbox`;
  }

  /** What the results in {@link inbox} were computed by. */
  definition(origin: string): string {
    return `${this.prefix}:of:${origin}:definition`;
  }

  /** BullMQ's key of a job; the queue of a run is named by the run's id. */
  job(run: string, id: string): string {
    return `${this.prefix}:${run}:${id}`;
  }

  /** BullMQ's key of the lock of a job: its value is the token of the worker that has it. */
  lock(run: string, id: string): string {
    return `${this.job(run, id)}:lock`;
  }
}

/** What is wrong with the name of a queue. */
export function problemOfQueueName(queue: unknown): string | undefined {
  if (typeof queue === 'string' && /^[\w.-]{1,100}$/.test(queue)) return undefined;
  return `queue is a name of letters, digits, '.', '-' and '_', and was given as ${JSON.stringify(queue)}.`;
}
