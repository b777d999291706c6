import { type CellSpec, Experiment, type Plugin, pipelineStep, treatment } from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replicateIndex } from './support/experiments.ts';

/** Starts all cells and lets them end in the order of the numbers. */
function endingIn(order: readonly number[]) {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const keyOf = ({ replicate, condition }: Pick<CellSpec, 'replicate' | 'condition'>) =>
    `${replicate}/${condition}`;
  const plugin: Plugin = {
    name: 'ending-in',
    async execute(_run, work) {
      const cells = [...work.cells];
      for (const cell of cells) gates.set(keyOf(cell), Promise.withResolvers());
      const running = new Map(cells.map((cell) => [cell, work.run(cell)]));
      const sorted = cells
        .map((cell, index) => ({ cell, at: order[index] ?? 0 }))
        .sort((a, b) => a.at - b.at);
      for (const { cell } of sorted) {
        gates.get(keyOf(cell))?.resolve();
        await running.get(cell);
      }
    },
  };
  return { plugin, wait: (cell: CellSpec) => gates.get(keyOf(cell))?.promise };
}

test('values, seeds, cells and rows come in replicate order whatever the order in which cells end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), async (order) => {
      const { plugin, wait } = endingIn(order);
      const ended: string[] = [];
      const measure = pipelineStep({
        name: 'measure',
        async run(data: number, ctx) {
          ctx.record('early', data, { even: data % 2 === 0 });
          await wait(ctx);
          ctx.record('late', `${ctx.condition}${data}`);
          ended.push(ctx.condition);
        },
      });
      const experiment = new Experiment({
        datasource: replicateIndex(),
        pipeline: [measure()],
        treatments: [treatment('t', {})],
        replicates: 4,
        seed: 0,
        plugins: [plugin],
      });
      const result = await experiment.run();
      expect(ended).toHaveLength(8);
      expect(result.baseline.metrics).toEqual({
        early: [0, 1, 2, 3],
        late: ['baseline0', 'baseline1', 'baseline2', 'baseline3'],
      });
      expect(result.treatments.t.metrics['late']).toEqual(['t0', 't1', 't2', 't3']);
      expect(result.treatments.t.seeds).toEqual([0, 31337, 62674, 94011]);
      expect(result.treatments.t.cells.map((cell) => [cell.replicate, cell.metrics[0]?.tags])).toEqual([
        [0, { even: true }],
        [1, { even: false }],
        [2, { even: true }],
        [3, { even: false }],
      ]);
      expect(result.rows().map(({ condition, replicate }) => `${condition}${replicate}`)).toEqual(
        ['baseline', 't'].flatMap((condition) =>
          [0, 0, 1, 1, 2, 2, 3, 3].map((replicate) => `${condition}${replicate}`),
        ),
      );
    }),
    { numRuns: 25 },
  );
});
