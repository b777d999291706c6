import { workerRole } from '../worker/worker-role.ts';
import type { PastCall } from './past-call.ts';
import { pastCalls } from './past-calls.ts';

/** @internal Makes a call in the main process; in a worker, comes to what it came to there. */
export function executeCall<T>(call: PastCall, execute: () => Promise<T>): Promise<T> {
  const role = workerRole();
  return role ? (role.replay(call) as Promise<T>) : pastCalls.follow(call, execute);
}
