import { describe, expect, it } from 'vitest';
import { CrashStates, promisesAt, recordFlow, recordRecovery, tryCrash } from '../harness/crash-trial.ts';
import { figures } from '../harness/figures.ts';
import { flows } from '../harness/flows.ts';
import { noteFigure } from '../harness/note-figure.ts';
import { seededRandom } from '../harness/random.ts';
import { expectationOf } from '../harness/recovery.ts';

const { seed, subsets, singles, doubleCrashes } = figures;
/** A recovery may break off at as many moments as what it recovers from. */
const subsetsOfRecovery = Math.ceil(subsets / 8);
const singlesOfRecovery = Math.ceil(singles / 4);

describe.each(flows.map((flow) => [flow.name, flow] as const))('%s', (_name, flow) => {
  it(
    'survives a power cut at any moment, whatever survives of what was not safe yet',
    async () => {
      const expectation = await expectationOf(flow);
      const { journal } = await recordFlow(flow, expectation);
      const states = new CrashStates(journal);
      let disks = 0;
      for (let point = 0; point <= journal.events.length; point += 1) {
        for (const state of states.at(point, { subsets, singles, seed })) {
          disks += 1;
          await tryCrash(flow, expectation, { journal }, state);
        }
      }
      noteFigure('crash states', states.generated);
      noteFigure('disks that differ', disks);
      expect(states.generated).toBeGreaterThan(10 * journal.events.length);
    },
    figures.patience,
  );

  it(
    'survives a power cut while it recovers from one',
    async () => {
      const expectation = await expectationOf(flow);
      const { journal } = await recordFlow(flow, expectation);
      const random = seededRandom(seed);
      let disks = 0;
      for (let crash = 0; crash < doubleCrashes; crash += 1) {
        const point = Math.floor(random() * journal.events.length);
        const found = [...new CrashStates(journal).at(point, { subsets, singles, seed: seed + crash })];
        const [state, disk] = found[Math.floor(random() * found.length)] ?? [];
        if (!state || !disk) continue;
        const earlier = promisesAt(journal, state.point);
        const recovery = await recordRecovery(flow, disk.clone());
        const states = new CrashStates(recovery.journal);
        for (let at = 0; at <= recovery.journal.events.length; at += 1) {
          for (const again of states.at(at, {
            subsets: subsetsOfRecovery,
            singles: singlesOfRecovery,
            seed,
          })) {
            disks += 1;
            await tryCrash(flow, expectation, { journal: recovery.journal, earlier }, again);
          }
        }
        noteFigure('crash states', states.generated);
      }
      noteFigure('disks that differ', disks);
      expect(disks).toBeGreaterThan(0);
    },
    figures.patience,
  );
});
