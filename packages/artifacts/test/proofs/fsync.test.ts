import { describe, expect, it } from 'vitest';
import { crashImage } from '../harness/crash-image.ts';
import { statesWithoutSync } from '../harness/crash-states.ts';
import { CrashStates, recordFlow, tryCrash } from '../harness/crash-trial.ts';
import { figures } from '../harness/figures.ts';
import { flows } from '../harness/flows.ts';
import type { Journal } from '../harness/journal.ts';
import { noteFigure } from '../harness/note-figure.ts';
import { expectationOf } from '../harness/recovery.ts';

interface Redundant {
  readonly path: RegExp;
  readonly flow: RegExp;
  readonly reason: string;
}

/** Fsyncs that no state misses, with the reason. */
const redundant: readonly Redundant[] = [
  {
    path: /^store\/probe\/\.crystallize$/,
    flow: /resume|prune/,
    reason: 'Only the name of a lock was not safe, and its owner dies with the machine.',
  },
  {
    path: /\/waiting$/,
    flow: /replaces/,
    reason: 'What waits in there moves to its place, and is made safe there, before its cell is told.',
  },
  {
    path: /\/\.crystallize\/aside$/,
    flow: /replaces/,
    reason: 'What was replaced is deleted once more by the next run.',
  },
  {
    path: /\/\.crystallize\/v[01]$/,
    flow: /prune/,
    reason: 'It says that the prune is done; without it the next one looks once more.',
  },
];

describe.each(flows.map((flow) => [flow.name, flow] as const))('%s', (_name, flow) => {
  it(
    'needs each of its fsyncs: without it, some power cut loses something',
    async () => {
      const expectation = await expectationOf(flow);
      const { syncs } = await recordFlow(flow, expectation);
      const missedByNone: string[] = [];
      let caught = 0;
      for (let withoutSync = 0; withoutSync < syncs.length; withoutSync += 1) {
        const { journal, syncs: made } = await recordFlow(flow, expectation, { withoutSync });
        const states = new CrashStates(journal);
        let exposed = 0;
        let isCaught = false;
        for (const state of statesWithoutSync(journal)) {
          exposed += 1;
          const disk = crashImage(journal, state.point, state.fateOf);
          if (!states.isNew(disk, state.point)) continue;
          isCaught = await tryCrash(flow, expectation, { journal }, [state, disk]).then(
            () => false,
            () => true,
          );
          if (isCaught) break;
        }
        if (isCaught) caught += 1;
        // Where nothing was unsafe there was nothing to lose: folders that an earlier process had made safe,
        // which a later one can't know, and files without bytes.
        else if (exposed > 0 && !isSyncedAgain(journal)) missedByNone.push(made[withoutSync] ?? '');
      }
      noteFigure('fsyncs', syncs.length);
      noteFigure('found out when left out', caught);
      expect(caught).toBeGreaterThan(syncs.length / 10);
      const unexplained = missedByNone.filter(
        (path) => !redundant.some((known) => known.path.test(path) && known.flow.test(flow.name)),
      );
      expect(unexplained).toEqual([]);
    },
    figures.patience,
  );
});

/**
 * Whether the same file or folder is synced again later: until then every state that loses what was exposed
 * was tried.
 */
function isSyncedAgain({ events }: Journal): boolean {
  const broken = events.find((event) => event.type === 'synced' && event.didNothing);
  return events.some(
    (event) =>
      event !== broken &&
      event.type === 'synced' &&
      broken?.type === 'synced' &&
      event.node === broken.node &&
      event.begun >= broken.begun,
  );
}
