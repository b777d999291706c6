import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { type CellSpec, datasource, Experiment, type Plugin, pipelineStep } from '@crystallize/core';
import {
  cellRecordFromText,
  cellRecordToText,
  descriptionFromText,
  descriptionToText,
  openCellPool,
  type RunDescription,
  type WorkerRuntime,
} from '@crystallize/core/worker';
import { isMain, mode, tell } from './support.ts';

// A pool without a run of its own: how others run cells.

const gate = process.argv[3] ?? '';
let description: RunDescription | undefined;
const cells: CellSpec[] = [];

const giving: Plugin = {
  name: 'giving',
  async execute(_run, work) {
    description = descriptionFromText(descriptionToText(await work.describe()));
    cells.push(...work.cells);
    for (const cell of cells) await work.run(cell);
  },
};
const asking: Plugin = {
  name: 'asking',
  beforeCell: async ({ replicate, attempt, isCurrent, run }) => {
    if (run.role === 'worker')
      tell('asked', {
        replicate,
        current: await isCurrent?.(),
        attempt: attempt.number,
        earlier: attempt.earlier.length,
      });
  },
};
const experiment = new Experiment({
  name: 'pooled',
  datasource: datasource((ctx) => ctx.replicate),
  pipeline: [
    pipelineStep({
      name: 'work',
      async run(replicate: number, ctx) {
        ctx.record('value', new Map([[replicate, Number.NaN]]));
        if (isMain) return replicate;
        ctx.log('begun');
        if (replicate === 4) await delay(60_000, undefined, { signal: ctx.signal });
        if (replicate === 5) {
          // What was told of it must get out first.
          await delay(50);
          for (;;);
        }
        if (replicate === 6) while (!existsSync(gate)) await delay(5);
        return replicate;
      },
    })(),
  ],
  replicates: 8,
  seed: 1,
  plugins: [giving, asking],
});

if (isMain) {
  const result = await experiment.run();
  const known = description as RunDescription;
  const cell = (replicate: number) => cells[replicate] as CellSpec;
  const begun = new EventTarget();
  const pool = await openCellPool(known, {
    workers: 2,
    runtime: mode as WorkerRuntime,
    onEvent: (event) => {
      if (event.type === 'log') begun.dispatchEvent(new Event(String(event.cell?.replicate)));
    },
  });
  tell('workers', pool.workers);
  // Records are those of a serial run, also as text.
  const records = await Promise.all([0, 1, 2].map((replicate) => pool.run(cell(replicate))));
  tell(
    'records',
    records.map((record, index) => {
      const again = record && cellRecordFromText(cellRecordToText(record));
      const serial = result.baseline.cells[index];
      const shown = [again, record, serial].map((one) =>
        inspect({ ...one, startedAt: 0, duration: 0, steps: [] }),
      );
      return new Set(shown).size;
    }),
  );
  // An earlier try, and whether this one still counts.
  let isCurrent = true;
  const options = { attempt: { number: 2, earlier: [{ step: 'work', name: 'x', size: 1, sha256: 'ab' }] } };
  const second = await pool.run(cell(3), { ...options, isCurrent: async () => isCurrent });
  isCurrent = false;
  await pool.run(cell(3), { ...options, isCurrent: async () => isCurrent });
  await pool.run(cell(3), { isCurrent: () => Promise.reject(new Error('cannot tell')) });
  tell('attempts', second?.attempts);
  // Its own signal ends a cell, whatever it does; the others are not touched by it.
  for (const replicate of [4, 5]) {
    const controller = new AbortController();
    const beginning = once(begun, String(replicate));
    const ended = pool.run(cell(replicate), { signal: controller.signal });
    const others = [0, 1, 2].map((other) => pool.run(cell(other)));
    await beginning;
    controller.abort(new Error('given to another'));
    tell('aborted', [replicate, await ended, (await Promise.all(others)).map((record) => record?.status)]);
  }
  tell('too late', (await pool.run(cell(0), { signal: AbortSignal.abort() })) ?? null);
  // There is room until each worker has a cell before it.
  const held = [once(begun, '6'), pool.run(cell(6))];
  await held[0];
  const filling = [pool.run(cell(6)), pool.run(cell(0)), pool.run(cell(1))];
  const room = Promise.resolve(pool.room());
  writeFileSync(gate, '');
  await Promise.all([...filling, room, held[1]]);
  tell('room', pool.room() ?? null);
  // Closed while cells are under way and others wait: they come to nothing.
  const [fifth, ...rest] = [
    once(begun, '5'),
    ...[5, 5, 0, 1, 2].map((replicate) => pool.run(cell(replicate))),
  ];
  await fifth;
  await pool.close();
  tell(
    'closed',
    (await Promise.all(rest)).map((record) => record ?? null),
  );
  await pool.close();
  tell('after', (await pool.run(cell(0))) ?? null);
  const wrong = (options: object, signal?: AbortSignal) =>
    openCellPool(known, { ...options, ...(signal ? { signal } : {}) }).catch((error: Error) => error.message);
  tell('wrong', await wrong({ workers: 0 }));
  tell('wrong', await wrong({}, AbortSignal.abort(new Error('stopped before'))));
  const stopping = new AbortController();
  const opening = wrong({ workers: 2, runtime: mode }, stopping.signal);
  stopping.abort(new Error('stopped while it opens'));
  tell('wrong', await opening);
  const changed = { ...known, seed: 3, definition: { ...known.definition, initialContext: 'another' } };
  tell('wrong', await openCellPool(changed, { workers: 1 }).catch(({ code }: { code: string }) => code));
}
