// A tracker of one's own: counts what a run reports, and hands the counts on when it is over.
import { type Plugin, type RunEvent, stateKey } from '@crystallize/core';

type Counts = Partial<Record<RunEvent['type'], number>>;

const counts = stateKey<Counts>('tracker.counts');

export function tracker(report: (counts: Counts) => void): Plugin {
  return {
    name: 'tracker',
    init(run) {
      run.set(counts, {});
    },
    onEvent(run, event) {
      const counted = run.get(counts);
      counted[event.type] = (counted[event.type] ?? 0) + 1;
      if (event.type === 'run:end') report({ ...counted });
    },
  };
}
