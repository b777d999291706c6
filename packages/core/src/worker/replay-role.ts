import { callEndFromText } from '../calls/call-end.ts';
import { CallNumbers, FORGOTTEN, nameOfCall, PENDING } from '../calls/past-call.ts';
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
