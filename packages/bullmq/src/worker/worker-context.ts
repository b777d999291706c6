import type { openCellPool } from '@crystallize/core/worker';
import type { Redis } from 'ioredis';
import type { WorkerName } from '../wire/inbox-entry.ts';
import type { LocalModules } from '../wire/local-module.ts';
import type { QueueKeys } from '../wire/queue-keys.ts';
import type { QueueWorkerEvent } from './queue-worker-event.ts';
import type { WorkerSettings } from './queue-worker-options.ts';
import type { Slots } from './slots.ts';

/** What all runs that a worker attends have in common. */
export interface WorkerContext {
  readonly settings: WorkerSettings;
  readonly redis: Redis;
  readonly keys: QueueKeys;
  readonly name: WorkerName;
  readonly modules: LocalModules;
  /** One for each cell that runs at the same time, of whichever run. */
  readonly slots: Slots;
  readonly openPool: typeof openCellPool;
  emit(event: QueueWorkerEvent): void;
}
