import { isInStep } from '../artifact/artifact-scope.ts';
import { callEndFromText } from '../calls/call-end.ts';
import { CallNumbers, FORGOTTEN, nameOfCall, type PastCall, PENDING } from '../calls/past-call.ts';
import { ExperimentInvalidError } from '../errors/run-errors.ts';
import type { WorkerAsks } from './worker-asks.ts';
import type { WorkerModules } from './worker-modules.ts';
import type { WorkerRole } from './worker-role.ts';

/**
 * @internal A worker's answer to what its modules do at their top level: experiments are noted, calls come to
 * what they came to in the main process, and those that have not ended there stay pending.
 */
export function replayRole(modules: WorkerModules, asks: WorkerAsks): WorkerRole {
  const numbers = new CallNumbers();
  return {
    constructed: (experiment) => modules.add(experiment),
    async replay(call) {
      if (isInStep()) throw calledInStep(call);
      const text = await asks.ask({ about: 'past', call: numbers.keyOf(call) });
      if (text !== PENDING && text !== FORGOTTEN) return callEndFromText(call, text);
      const why =
        text === PENDING
          ? 'which has not ended in the main process'
          : 'and the main process has kept too many results since to remember its';
      modules.block(`${nameOfCall(call)}, ${why},`);
      return new Promise<never>(() => {});
    },
  };
}

/** At the top level a call that stays pending ends what is not needed; in a step it would never end. */
function calledInStep(call: PastCall): ExperimentInvalidError {
  const [experiment] = call.experiments;
  return new ExperimentInvalidError(experiment?.info.directory ?? 'of a graph', [
    `${nameOfCall(call)} was called by a step on a worker, where no experiment runs. Run it before, and read its artifacts with artifactDatasource; or run the cells in one process, with SerialExecution or AsyncExecution.`,
  ]);
}
