import type { PastCall } from '../calls/past-call.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';

/** @internal What a worker does in place of running, streaming, … an experiment. */
export interface WorkerRole {
  /** An experiment was constructed. */
  constructed(experiment: ResolvedExperiment): void;
  /** What the call came to in the main process, if it had ended there; else a promise that stays pending. */
  replay(call: PastCall): Promise<unknown>;
}

let role: WorkerRole | undefined;

/** @internal From now on this process, or thread, is a worker. */
export function becomeWorker(assigned: WorkerRole): void {
  role = assigned;
}

/** @internal `undefined` in the main process. */
export function workerRole(): WorkerRole | undefined {
  return role;
}
