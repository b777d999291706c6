import type { RunHandle, StoredCellRecord } from '@crystallize/core';
import type { Redis } from 'ioredis';
import { checkServer } from '../connection/check-server.ts';
import { type OpenConnection, openConnection } from '../connection/connection.ts';
import { QueueKeys } from '../wire/queue-keys.ts';
import { removeLongDead, removeRun } from '../wire/remove-run.ts';
import { takeOver } from '../wire/scripts.ts';
import { within } from '../within.ts';
import type { ExecutionSettings } from './execution-options.ts';
import { readLeftResults } from './left-results.ts';

/** How long taking a run off may take, in milliseconds: Redis may be gone. */
const CLOSE_WITHIN = 3000;

/** A run's place in Redis, from the first look at what is there until nothing of it is left. */
export class RunSession {
  readonly connection: OpenConnection;
  readonly settings: ExecutionSettings;
  readonly keys: QueueKeys;
  readonly run: string;
  readonly origin: string;
  /** What workers finished for a coordinator that is gone. */
  readonly left: readonly StoredCellRecord[];

  private constructor(
    parts: Pick<RunSession, 'connection' | 'settings' | 'keys' | 'run' | 'origin' | 'left'>,
  ) {
    this.connection = parts.connection;
    this.settings = parts.settings;
    this.keys = parts.keys;
    this.run = parts.run;
    this.origin = parts.origin;
    this.left = parts.left;
  }

  get redis(): Redis {
    return this.connection.redis;
  }

  /**
   * Makes the run the only one that goes on with its origin: workers of an earlier coordinator can tell no more.
   * @throws QueueUnreachableError
   */
  static async open(settings: ExecutionSettings, run: RunHandle): Promise<RunSession> {
    const connection = await openConnection(settings.connection);
    const { redis } = connection;
    try {
      for (const warning of await checkServer(connection)) run.warn(warning);
      const keys = new QueueKeys(settings.queue);
      const { origin } = run;
      await removeLongDead(redis, keys, settings.keepResults);
      const owner = [keys.owner(origin), keys.runs];
      const before = await takeOver.run(redis, owner, [run.id, settings.keepResults]);
      const wasThere = typeof before === 'string';
      const left = wasThere ? await readLeftResults(redis, keys, run) : [];
      if (wasThere) await removeRun(redis, keys, before);
      return new RunSession({ connection, settings, keys, run: run.id, origin, left });
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  /**
   * Leaves nothing of the run in Redis; with `keepTold` only what workers have told.
   */
  async close({ keepTold }: { readonly keepTold: boolean }): Promise<void> {
    const { redis, keys, origin } = this;
    const removing = async () => {
      await removeRun(redis, keys, this.run);
      if (!keepTold) await redis.del(keys.owner(origin), keys.inbox(origin), keys.definition(origin));
    };
    // What can't be removed now goes when its time is over.
    await within(CLOSE_WITHIN, removing());
    redis.disconnect();
  }
}
