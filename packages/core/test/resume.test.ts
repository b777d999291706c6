import {
  type CellRecord,
  Experiment,
  ExperimentGraph,
  hypothesis,
  type Plugin,
  partialResults,
  type ResumedRun,
  type RunDefinition,
  StorageError,
  type StoredRun,
  stateKey,
  treatment,
} from '@crystallize/core';
import { describe, expect, it } from 'vitest';
import { experimentOf, recorder, rejection, replicateIndex, score } from './support/experiments.ts';

/** What a stranger's plugin keeps: the records of the last run, with what defined them. */
interface Kept {
  seed: number;
  definition: RunDefinition;
  readonly cells: Map<string, CellRecord>;
}

/** A plugin that keeps records in memory, by hooks that anyone can use. */
function keeping(calls: string[] = []): Plugin & { kept: Kept | undefined; resumed: ResumedRun | undefined } {
  const cells = stateKey<Map<string, CellRecord>>('keeping.cells');
  return {
    name: 'keeping',
    kept: undefined,
    resumed: undefined,
    init: (run) => void calls.push(`init ${run.strategy} ${String(run.resumed)}`),
    async restore(run, request): Promise<StoredRun | undefined> {
      calls.push(`restore ${JSON.stringify(request)} ${run.purpose}`);
      const { kept } = this;
      if (!kept) return undefined;
      const stored = [...kept.cells.values()];
      return {
        seed: kept.seed,
        definition: kept.definition,
        inputs: [],
        accepted: [],
        cells: stored.map((record) => ({ record, condition: kept.definition.conditions[record.condition] })),
      };
    },
    async beforeRun(run) {
      calls.push(`beforeRun ${run.seed} ${run.resumed?.restored}`);
      this.resumed = run.resumed;
      const earlier = run.resumed ? this.kept?.cells : undefined;
      this.kept = { seed: run.seed, definition: await run.definition(), cells: new Map(earlier) };
      run.set(cells, this.kept.cells);
    },
    commitCell: (run, record) => void run.get(cells).set(`${record.replicate} ${record.condition}`, record),
    afterRun: (_run, { status }) => void calls.push(`afterRun ${status}`),
  };
}

describe('a plugin that restores', () => {
  it('is asked after init and before beforeRun, which knows what goes on', async () => {
    const calls: string[] = [];
    const plugin = keeping(calls);
    const experiment = new Experiment({
      datasource: replicateIndex(),
      pipeline: [score()],
      treatments: [treatment('t', { k: 1 })],
      plugins: [plugin],
      replicates: 2,
      seed: 5,
    });
    const first = await experiment.run();
    calls.length = 0;
    const { events, onEvent } = recorder();
    const result = await experiment.run({ strategy: 'resume', replicates: 3, onEvent });
    expect(calls).toEqual([
      'init resume undefined',
      'restore {"readOnly":false} run',
      'beforeRun 5 4',
      'afterRun done',
    ]);
    expect(plugin.resumed).toMatchObject({ restored: 4, missing: 2, superseded: [], accepted: [] });
    expect(plugin.resumed?.has({ replicate: 1, condition: 't' })).toBe(true);
    expect(plugin.resumed?.has({ replicate: 2, condition: 't' })).toBe(false);
    expect(events.find(({ type }) => type === 'run:start')).toMatchObject({ cells: 6, restored: 4 });
    expect(
      events.flatMap((event) => (event.type === 'cell:end' ? [[event.ended, event.cells]] : [])),
    ).toEqual([
      [5, 6],
      [6, 6],
    ]);
    expect(result.rows()).toEqual(expect.arrayContaining(first.rows()));
    expect([result.executed, result.restored]).toEqual([2, 4]);
    calls.length = 0;
    await experiment.explain();
    expect(calls).toEqual(['init resume undefined', 'restore {"readOnly":true} explain', 'afterRun aborted']);
  });

  it('that fails stops the run before anything has run', async () => {
    const failing: Plugin = {
      name: 'failing',
      restore: () => Promise.reject(new StorageError('The disk is gone.')),
    };
    let ran = 0;
    const experiment = experimentOf(() => void ran++, { plugins: [failing] });
    expect(await rejection(experiment.run({ strategy: 'resume' }))).toMatchObject({
      message: 'The disk is gone.',
    });
    expect(await rejection(experiment.explain())).toMatchObject({ message: 'The disk is gone.' });
    expect(ran).toBe(0);
  });

  it('does not let an executor start that has nothing to run', async () => {
    let executed = 0;
    const executor: Plugin = {
      name: 'executor',
      async execute(_run, work) {
        executed++;
        for (const cell of work.cells) await work.run(cell);
      },
    };
    const experiment = experimentOf((data) => data, { plugins: [keeping(), executor] });
    await experiment.run();
    await experiment.run({ strategy: 'resume' });
    expect(executed).toBe(1);
  });
});

describe('what is restored', () => {
  it('counts in hypotheses and in the warning of keys that nothing reads', async () => {
    const plugin = keeping();
    const make = (treatments: readonly string[]) =>
      new Experiment({
        datasource: replicateIndex(),
        pipeline: [score()],
        treatments: treatments.map((name, index) => treatment(name, { k: index + 1, unused: name })),
        hypotheses: [
          hypothesis({
            metrics: 'score',
            verifier: (baseline, other) => ({ pValue: Number(baseline === other) }),
          }),
        ],
        plugins: [plugin],
        replicates: 3,
        seed: 5,
      });
    await make(['a']).run();
    const resumed = await make(['a', 'b']).run({ strategy: 'resume' });
    expect([resumed.restored, resumed.executed]).toEqual([6, 3]);
    expect(Object.keys(resumed.hypotheses[0]?.results ?? {})).toEqual(['a', 'b']);
    expect(resumed.warnings.filter((text) => text.includes("'unused'"))).toHaveLength(2);
  });

  it('keeps the seeds under which it ran where another seed was accepted', async () => {
    const plugin = keeping();
    const make = (seed: number) =>
      new Experiment({
        datasource: replicateIndex(),
        pipeline: [score()],
        plugins: [plugin],
        replicates: 1,
        seed,
      });
    await make(5).run();
    const resumed = await make(6).run({ strategy: 'resume', replicates: 2, accept: ['seed'] });
    expect(resumed.baseline.seeds).toEqual([5, 6 + 31337]);
    expect(resumed.accepted).toEqual(['seed: Its seed was 5, and would now be 6.']);
  });
});

it('a graph keeps what an experiment had finished that was then stopped', async () => {
  const broken: Plugin = {
    name: 'broken',
    commitCell: (_run, { replicate }) => {
      if (replicate > 0) throw new StorageError('The disk is full.');
    },
  };
  const make = (name: string, plugins: readonly Plugin[]) =>
    new Experiment({
      name,
      datasource: replicateIndex(),
      pipeline: [score()],
      plugins,
      replicates: 2,
      seed: 1,
    });
  const results = await new ExperimentGraph([make('stopped', [broken]), make('fine', [])]).run();
  expect(results['stopped']).toMatchObject({ status: 'failed', error: { message: 'The disk is full.' } });
  expect(results['stopped']?.baseline.metrics).toEqual({ score: [0] });
  expect(results['fine']?.status).toBe('done');
  const abort = new AbortController();
  const reason = new Error('enough');
  const onEvent = ({ type }: { readonly type: string }) => {
    if (type === 'cell:end') abort.abort(reason);
  };
  const graph = new ExperimentGraph([make('a', []), make('b', [])]);
  expect(await rejection(graph.run({ signal: abort.signal, onEvent }))).toBe(reason);
  expect(Object.keys(partialResults(reason) ?? {})).toEqual(expect.arrayContaining(['a']));
});
