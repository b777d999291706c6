import { type CellSpec, type CellWork, type Plugin, type StateKey, stateKey } from '@crystallize/core';

/** The cells that wait for their commit, by key: what to call when it is done. */
type Waiting = Map<string, () => void>;

/**
 * An executor whose lanes begin their next cell when the one before is acknowledged: when every plugin
 * has committed it. Executors of Crystallize go on at once, and would hide what a commit costs.
 */
export function acknowledgedExecution(lanes: number): Plugin {
  return {
    name: 'acknowledged-execution',
    async execute(run, work) {
      const waiting: Waiting = new Map();
      run.set(waitingKey, waiting);
      const queue = work.cells[Symbol.iterator]();
      await Promise.all(Array.from({ length: lanes }, () => drain(queue, work, waiting)));
    },
    onEvent(run, event) {
      if (event.type !== 'cell:end') return;
      const key = keyOf(event.cell);
      const waiting = run.get(waitingKey);
      const acknowledge = waiting.get(key);
      waiting.delete(key);
      acknowledge?.();
    },
  };
}

async function drain(queue: Iterator<CellSpec>, work: CellWork, waiting: Waiting): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    const key = keyOf(next.value);
    const committed = new Promise<void>((resolve) => waiting.set(key, resolve));
    await work.run(next.value);
    await committed;
  }
}

function keyOf({ replicate, condition }: Pick<CellSpec, 'replicate' | 'condition'>): string {
  return `${replicate}/${condition}`;
}

const waitingKey: StateKey<Waiting> = stateKey('acknowledged-execution');
