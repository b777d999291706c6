import { expect, it } from 'vitest';
import { CrashStates, recordFlow, tryCrash } from '../harness/crash-trial.ts';
import { actWithFault, tellsOf } from '../harness/fault-trial.ts';
import { figures } from '../harness/figures.ts';
import type { Flow } from '../harness/flow.ts';
import { flows } from '../harness/flows.ts';
import { naiveStores, swallowingStore } from '../harness/naive-stores.ts';
import { expectationOf } from '../harness/recovery.ts';

const flow = flows[0] as Flow;
const effort = { subsets: 2, singles: 2, seed: figures.seed };

it.each(Object.entries(naiveStores))(
  'a store that %s loses something in a power cut',
  async (_what, storeOn) => {
    const expectation = await expectationOf(flow);
    const { journal } = await recordFlow(flow, expectation, { storeOn });
    const states = new CrashStates(journal);
    const errors: Error[] = [];
    for (let point = 0; point <= journal.events.length; point += 1) {
      for (const state of states.at(point, effort))
        await tryCrash(flow, expectation, { journal }, state).catch((error: Error) => errors.push(error));
    }
    expect(errors.length).toBeGreaterThan(3);
    // What is needed to see it again.
    expect(errors[0]?.message).toMatch(/after event \d+ \(.+\), state '.+', seed \d+/);
  },
);

it('a store that says that all is well when it is not is found out by a failing call', async () => {
  const expectation = await expectationOf(flow);
  let swallowed = 0;
  for (let call = 1; ; call += 1) {
    const outcome = await actWithFault(
      flow,
      expectation,
      { call, code: 'EIO', sticky: false },
      swallowingStore,
    );
    if (!outcome.failed) break;
    if (!tellsOf(outcome.error, 'EIO')) swallowed += 1;
  }
  expect(swallowed).toBeGreaterThan(20);
});
