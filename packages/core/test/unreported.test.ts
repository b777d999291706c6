import {
  type CellRecord,
  type CellSpec,
  type CellWork,
  Experiment,
  type Plugin,
  type RunDefinition,
  type StoredCellRecord,
  treatment,
} from '@crystallize/core';
import { expect, test } from 'vitest';
import { replicateIndex, score } from './support/experiments.ts';

/** Keeps the records of one run, as long as it is told to; further ones have ended without having been reported. */
function keeping(reported: (record: CellRecord) => boolean) {
  const all = new Map<string, CellRecord>();
  const stored = new Map<string, CellRecord>();
  const log: string[] = [];
  let definition: RunDefinition | undefined;
  let run: string | undefined;
  const nameOf = ({ replicate, condition }: CellSpec) => `${replicate} ${condition}`;
  const told = (records: Iterable<CellRecord>): StoredCellRecord[] =>
    [...records].map((record) => ({ record, condition: definition?.conditions[record.condition] }));
  const plugin: Plugin = {
    name: 'keeping',
    restore: async (handle) => {
      log.push(`restore ${handle.origin === handle.id}`);
      return (
        definition && {
          seed: 5,
          definition,
          ...(run ? { run } : {}),
          inputs: [],
          accepted: [],
          cells: told(stored.values()),
        }
      );
    },
    unreported: (handle) => {
      log.push(`unreported ${handle.origin === run}`);
      return told([...all].filter(([name]) => !stored.has(name)).map(([, record]) => record));
    },
    async beforeRun(handle) {
      log.push(`beforeRun ${handle.origin === (run ?? handle.id)}`);
      run ??= handle.id;
      definition ??= await handle.definition();
    },
    beforeCell: (cell) => void log.push(`run ${nameOf(cell)}`),
    commitCell(_run, record) {
      const isNew = !all.has(nameOf(record));
      all.set(nameOf(record), record);
      if (!isNew || reported(record)) {
        stored.set(nameOf(record), record);
        log.push(`commit ${nameOf(record)}`);
      }
    },
  };
  return { plugin, log, all, stored };
}

const make = (plugin: Plugin, more: object = {}) =>
  new Experiment({
    datasource: replicateIndex(),
    pipeline: [score()],
    treatments: [treatment('t', { k: 3 })],
    plugins: [plugin],
    replicates: 2,
    seed: 5,
    ...more,
  });

test('cells that have ended elsewhere, and were never stored, are stored before any cell runs, and not run again', async () => {
  const { plugin, log } = keeping(({ condition }) => condition === 'baseline');
  const first = await make(plugin).run();
  log.length = 0;
  const result = await make(plugin).run({ strategy: 'resume', replicates: 3 });
  expect(log).toEqual([
    'restore true',
    'unreported true',
    'beforeRun true',
    'commit 0 t',
    'commit 1 t',
    'run 2 baseline',
    'commit 2 baseline',
    'run 2 t',
  ]);
  expect([result.executed, result.restored]).toEqual([2, 4]);
  expect(result.rows()).toEqual(expect.arrayContaining(first.rows()));
});

test('what ended elsewhere of another run, of a changed treatment, or failed is not taken', async () => {
  const { plugin, log, all } = keeping(() => false);
  await make(plugin).run();
  for (const [name, record] of all) {
    if (name === '0 baseline') all.set(name, { ...record, seed: 77 });
    if (name === '1 baseline') all.set(name, { ...record, status: 'failed' });
  }
  log.length = 0;
  const changed = { treatments: [treatment('t', { k: 4 })] };
  const result = await make(plugin, changed).run({ strategy: 'resume' });
  expect(log.filter((line) => line.startsWith('run '))).toEqual([
    'run 0 baseline',
    'run 0 t',
    'run 1 baseline',
    'run 1 t',
  ]);
  expect(result.restored).toBe(0);
});

test('a record that is stored already counts, whatever is told beside it', async () => {
  const { plugin, all, stored } = keeping(() => true);
  await make(plugin).run();
  plugin.unreported = () =>
    [...all.values()].map((record) => ({
      record: { ...record, metrics: [] },
      condition: undefined,
    }));
  const before = [...stored.values()];
  const result = await make(plugin).run({ strategy: 'resume' });
  expect(result.restored).toBe(4);
  expect(result.baseline.metrics['score']).toEqual([0, 10]);
  expect([...stored.values()]).toEqual(before);
});

test('is not asked where a resume is only explained, or nothing is stored', async () => {
  const { plugin, log } = keeping(() => false);
  await make(plugin).run({ strategy: 'resume' });
  await make(plugin).explain();
  expect(log.filter((line) => line.startsWith('unreported'))).toEqual([]);
});

test('one that fails is a warning, and the run goes on', async () => {
  const { plugin } = keeping(({ condition }) => condition === 'baseline');
  await make(plugin).run();
  plugin.unreported = () => Promise.reject(new Error('the queue is gone'));
  const result = await make(plugin).run({ strategy: 'resume' });
  expect([result.executed, result.restored]).toEqual([2, 2]);
  expect(result.warnings).toContainEqual(expect.stringContaining('the queue is gone'));
});

test('the origin of a run is the run that began it: its own id, unless it goes on with another', async () => {
  const { plugin } = keeping(() => true);
  const origins: [string, string][] = [];
  const noting: Plugin = { name: 'noting', beforeRun: ({ id, origin }) => void origins.push([id, origin]) };
  const first = make(plugin, { plugins: [plugin, noting] });
  await first.run();
  await first.run({ strategy: 'resume', replicates: 3 });
  await make({ name: 'none' }, { plugins: [noting] }).run();
  const [[begun] = [], [resumedId, resumedFrom] = [], [another, anotherFrom] = []] = origins;
  expect(resumedFrom).toBe(begun);
  expect(resumedId).not.toBe(begun);
  expect(anotherFrom).toBe(another);
});

test('an executor can tell which cells need no run any more, and keep the bytes of those that ran elsewhere', async () => {
  const { plugin } = keeping(({ replicate }) => replicate === 0);
  const seen: [string, boolean][] = [];
  let work: CellWork | undefined;
  const executor: Plugin = {
    name: 'executor',
    async execute(_run, given) {
      work = given;
      seen.push(['restored', given.committed({ replicate: 0, condition: 'baseline' })]);
      for (const cell of given.cells) {
        const target = { ...cell, step: 'score', name: 'sent.txt' };
        const artifact = await given.artifacts.write(target, Buffer.from(cell.condition));
        seen.push(['before', given.committed(cell)]);
        await given.runBy(cell, async ({ number, earlier }) => ({
          ...cell,
          status: 'done',
          metrics: [{ metric: 'score', value: [number, earlier.length], step: 'score' }],
          artifacts: [artifact],
          steps: [],
          inputs: [],
          startedAt: 0,
          duration: 0,
          attempts: number,
        }));
      }
    },
  };
  const own = make(plugin, { plugins: [plugin, executor] });
  await own.run();
  const result = await own.run({ strategy: 'resume', replicates: 3 });
  expect(seen.filter(([what]) => what === 'restored')).toEqual([
    ['restored', false],
    ['restored', true],
  ]);
  expect(seen.filter(([, committed]) => committed)).toHaveLength(1);
  expect(work?.committed({ replicate: 2, condition: 't' })).toBe(true);
  expect(result.treatments['t']?.metrics['score']).toContainEqual([1, 0]);
  expect(await result.artifact('sent.txt', { replicate: 2, condition: 't' })?.text()).toBe('t');
  await expect(work?.runBy({ replicate: 9, condition: 't', seed: 0 }, async () => undefined)).rejects.toThrow(
    /replicate 9 of 't', which is no cell of this run/,
  );
});

test('a cell is tried again by the same means, with what its earlier tries have written', async () => {
  const tries: unknown[] = [];
  const executor: Plugin = {
    name: 'executor',
    async execute(_run, work) {
      for (const cell of work.cells) {
        await work.runBy(cell, async ({ number, earlier }) => {
          tries.push([number, earlier.map(({ name }) => name)]);
          const artifact = { step: 'score', name: `try ${number}`, size: 0, sha256: '' };
          const rest = {
            metrics: [],
            artifacts: [artifact],
            steps: [],
            inputs: [],
            startedAt: 0,
            duration: 0,
          };
          const failed = {
            status: 'failed',
            error: { name: 'Error', message: 'busy' },
            failedStep: 'score',
          } as const;
          return {
            ...cell,
            ...rest,
            ...(number < 3 ? failed : { status: 'done' as const }),
            attempts: number,
          };
        });
      }
    },
  };
  const own = make(executor, { treatments: [], replicates: 1 });
  const result = await own.run({ retries: { times: 5, delay: 0 } });
  expect(tries).toEqual([
    [1, []],
    [2, ['try 1']],
    [3, ['try 1', 'try 2']],
  ]);
  expect(result.baseline.cells).toMatchObject([{ status: 'done', attempts: 3 }]);
});

test('which keys a cell has not read stands in its record, and counts also where that came from elsewhere', async () => {
  const sometimes = { treatments: [treatment('t', { k: 1, unused: 2, late: 3 })] };
  const records: CellRecord[] = [];
  await make({ name: 'records', commitCell: (_run, record) => void records.push(record) }, sometimes).run();
  expect(records.map(({ condition, unread }) => [condition, unread])).toEqual([
    ['baseline', undefined],
    ['t', ['unused', 'late']],
    ['baseline', undefined],
    ['t', ['unused', 'late']],
  ]);
  // One of the cells that ran elsewhere has read `late`.
  const executor: Plugin = {
    name: 'executor',
    async execute(_run, work) {
      for (const { replicate, condition, seed } of work.cells) {
        const record = records.find((cell) => cell.replicate === replicate && cell.condition === condition);
        const unread = replicate === 0 ? ['unused'] : ['unused', 'late'];
        await work.report({ ...(record as CellRecord), seed, ...(condition === 't' ? { unread } : {}) });
      }
    },
  };
  const { warnings } = await make(executor, sometimes).run();
  expect(warnings.map((text) => /read '(\w+)', which '(\w+)'/.exec(text)?.slice(1))).toEqual([
    ['unused', 't'],
  ]);
});
