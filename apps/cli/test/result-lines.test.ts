import { datasource, Experiment, hypothesis, pipelineStep, type Result, treatment } from '@crystallize/core';
import { pairedTTest, welchTTest } from '@crystallize/stats';
import { describe, expect, test } from 'vitest';
import { cellRanges, errorLines, groupErrors, originalMessage } from '../src/summary/error-groups.ts';
import { resultLines } from '../src/summary/result-lines.ts';
import { noPaint } from '../src/text/paint.ts';
import { UserFrames } from '../src/text/user-frames.ts';
import { widthOf } from '../src/text/width.ts';

const frames = new UserFrames(import.meta.filename, import.meta.dirname);

/** Runs a definition, and shows what came of it. */
async function shown(
  definition: ConstructorParameters<typeof Experiment>[0],
  width = 80,
): Promise<{ text: string; result: Result }> {
  const experiment = new Experiment(definition as never) as Experiment;
  const result = await experiment.run();
  const lines = resultLines(
    { result, experiment, elapsed: 1200, resumed: false },
    { width, paint: noPaint, frames, verbose: false },
  );
  return { text: lines.join('\n'), result };
}

const scale = pipelineStep({
  name: 'scale',
  params: { factor: 1 },
  run: (x: number, ctx, { factor }) => {
    ctx.record('total', x * factor);
    return x;
  },
});
const counting = datasource((ctx) => 10 + ctx.replicate);
const base = { name: 'scaling', datasource: counting, replicates: 4, seed: 42 };

describe('the summary', () => {
  test('shows a metric by condition, with differences and the treatment that is ranked best', async () => {
    const { text } = await shown({
      ...base,
      pipeline: [scale()],
      treatments: [treatment('doubled', { factor: 2 }), treatment('nudged', { factor: 1.1 })],
      hypotheses: [hypothesis({ name: 'it scales', metrics: 'total', verifier: welchTTest() })],
    });
    expect(text).toBe(
      [
        'scaling done in 1.2 s',
        '',
        '  total     n   mean    sd  difference',
        '  baseline  4  11.50  1.29',
        '  doubled   4  23.00  2.58      +11.50  *',
        '  nudged    4  12.65  1.42       +1.15',
        "  * ranked best by 'it scales': doubled",
        '',
        'hypothesis',
        '  it scales         p  effect  difference',
        '  doubled    0.000884    4.89        11.5  best, significant',
        '  nudged        0.276   0.736        1.15',
        "  Welch's t-test; effect: Hedges' g",
        '',
        '  12 cells (3 conditions × 4 replicates), seed 42',
        '  not stored: the experiment has no plugin that stores runs',
      ].join('\n'),
    );
  });

  test('names metrics without a mean, counts NaN apart, and shows a share for booleans', async () => {
    const mixed = pipelineStep({
      name: 'mixed',
      run: (x: number, ctx) => {
        ctx.record('matrix', [[x]]);
        ctx.record('sometimes', ctx.replicate === 0 ? 1 : 'none');
        ctx.record('loss', ctx.replicate === 0 ? Number.NaN : x);
        ctx.record('correct', ctx.replicate < 1);
        return x;
      },
    });
    const { text } = await shown({ ...base, pipeline: [mixed()] });
    expect(text).toContain('recorded as well, without a mean: matrix (list), sometimes (number, string)');
    expect(text).toMatch(/baseline {2}3 {2}12\.00 {2}1\.00\n {2}1 value NaN, not counted/);
    expect(text).toMatch(/correct .*\n {2}baseline {2}4 {2}0\.250/);
  });

  test('groups errors with their cells and the frame in the step, and takes control sequences out', async () => {
    const fit = pipelineStep({
      name: 'fit',
      params: { k: 1 },
      run: (x: number, _ctx, { k }) => {
        if (k > 1) throw new RangeError('too \x1b[31mlarge\x1b]0;owned\x07', { cause: new Error('why') });
        return x;
      },
    });
    const { text } = await shown({
      ...base,
      pipeline: [fit()],
      treatments: [treatment('k=5', { k: 5 }), treatment('k=9', { k: 9 })],
    });
    expect(text.match(/RangeError: too large/g)).toHaveLength(1);
    expect(text).toContain('errors in 8 cells');
    expect(text).toContain('8 cells: k=5 #0–#3; k=9 #0–#3');
    expect(text).toMatch(/at run \(result-lines\.test\.ts:\d+:\d+\)/);
    expect(text).toContain('caused by why');
    expect(text).not.toContain('\x1b');
  });

  test('says which hypothesis could not be evaluated, and what was warned of', async () => {
    const { text } = await shown({
      ...base,
      pipeline: [scale()],
      treatments: [treatment('typo', { fcator: 2 })],
      hypotheses: [hypothesis({ name: 'speed', metrics: 'spede', verifier: welchTTest() })],
    });
    expect(text).toMatch(/not evaluated: No cell recorded the metric 'spede'/);
    expect(text).toMatch(/warnings\n {2}- .*fcator/s);
  });

  test('gives the reason of a test that is out of the ordinary once, for all treatments it holds for', async () => {
    const { text } = await shown({
      ...base,
      pipeline: [scale()],
      treatments: [treatment('same', { factor: 1 }), treatment('again', { factor: 1 })],
      hypotheses: [hypothesis({ metrics: 'total', verifier: pairedTTest() })],
    });
    expect(text.match(/no difference and no spread/g)).toHaveLength(1);
    expect(text).toContain('same and 1 other: All pairs differ');
  });

  test("shows a verifier's own numbers where they have no usual names, and the score", async () => {
    const { text } = await shown({
      ...base,
      pipeline: [scale()],
      treatments: [treatment('doubled', { factor: 2 })],
      hypotheses: [
        hypothesis({
          metrics: 'total',
          verifier: () => ({ lift: 2.5, note: 'text' }),
          ranker: (result) => -(result as { lift: number }).lift,
        }),
      ],
    });
    expect(text).toMatch(/total +lift +score\n {2}doubled +2\.5 +-2\.5 +best/);
  });

  test('fits its width, whatever the names', async () => {
    const long = 'weights=distance,metric=euclidean,neighbours=15,leaf_size=30';
    for (const width of [80, 60, 40]) {
      const { text } = await shown(
        {
          ...base,
          pipeline: [scale()],
          treatments: [treatment(long, { factor: 2 }), treatment('世界世界世界世界世界', { factor: 3 })],
          hypotheses: [
            hypothesis({ name: 'a hypothesis with a long name', metrics: 'total', verifier: welchTTest() }),
          ],
        },
        width,
      );
      for (const line of text.split('\n')) expect(widthOf(line), line).toBeLessThanOrEqual(width);
    }
  });
});

describe('errors', () => {
  test('with very long messages are shortened, unless all is asked for', () => {
    const cause = new Error(Array.from({ length: 60 }, (_, index) => `line ${index}`).join('\n'));
    const error = { step: 'a', replicate: 0, condition: 'baseline', cause } as never;
    const style = { width: 80, paint: noPaint, frames };
    const short = errorLines([error], { ...style, verbose: false });
    expect(short).toContain('… 44 more lines: --verbose shows all');
    expect(short).not.toContain('line 30');
    expect(errorLines([error], { ...style, verbose: true })).toContain('line 30');
  });

  test('of the same message in different steps are told apart', () => {
    const cause = new Error('no');
    const error = (step: string, replicate: number) =>
      ({ step, replicate, condition: 'baseline', cause }) as never;
    const groups = groupErrors([error('a', 0), error('b', 1), error('b', 2)]);
    expect(groups.map(({ step, cells }) => [step, cells.length])).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
  });

  test('are told with what was thrown, be it an error or not', () => {
    expect([
      originalMessage('text'),
      originalMessage(new TypeError('bad')),
      originalMessage({ a: 1 }),
      originalMessage(new Error('')),
    ]).toEqual(['text', 'TypeError: bad', '{ a: 1 }', '(no message)']);
  });

  test('name their cells by ranges', () => {
    const cells = [0, 1, 2, 5, 7, 8].map((replicate) => ({ replicate, condition: 'k=1' }));
    expect(cellRanges([...cells, { replicate: 3, condition: 'baseline' }])).toBe(
      'k=1 #0–#2, #5, #7–#8; baseline #3',
    );
  });
});
