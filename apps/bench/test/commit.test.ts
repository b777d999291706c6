import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { datasource, Experiment, type Plugin, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { acknowledgedExecution } from '../src/commit/acknowledged-execution.ts';
import { GroupLog } from '../src/commit/group-log.ts';
import { workFolder } from '../src/harness/work-folder.ts';

test.each([true, false])('a line is in the log when its append resolves (synced: %s)', async (durable) => {
  await using folder = await workFolder('commit-test');
  const path = join(folder.path, 'cells.log');
  const log = new GroupLog(path, durable);
  const lane = async (name: string) => {
    for (let count = 0; count < 20; count++) {
      await log.append(`${name}${count}\n`);
      expect(readFileSync(path, 'utf8')).toContain(`${name}${count}\n`);
    }
  };
  await Promise.all([lane('a'), lane('b'), lane('c')]);
  log.close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines).toEqual(
    Array.from({ length: 20 }, (_, count) => [`a${count}`, `b${count}`, `c${count}`]).flat(),
  );
});

test('lines of the same moment are written together, and those that come meanwhile in the next group', async () => {
  await using folder = await workFolder('commit-test');
  const log = new GroupLog(join(folder.path, 'cells.log'), true);
  const first = log.append('a\n');
  expect(log.append('b\n')).toBe(first);
  await setImmediate();
  const next = log.append('c\n');
  expect(next).not.toBe(first);
  expect(log.append('d\n')).toBe(next);
  await next;
  log.close();
  expect(readFileSync(join(folder.path, 'cells.log'), 'utf8')).toBe('a\nb\nc\nd\n');
});

test('a lane begins its next cell when the one before has been committed', async () => {
  let [started, committed, most] = [0, 0, 0];
  const slow: Plugin = {
    name: 'slow',
    async commitCell() {
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      committed++;
    },
  };
  const step = pipelineStep({
    name: 'step',
    run() {
      most = Math.max(most, ++started - committed);
    },
  });
  const experiment = new Experiment({
    name: 'acknowledged',
    datasource: datasource(() => 1),
    pipeline: [step()],
    treatments: { two: {} },
    plugins: [acknowledgedExecution(3), slow],
    replicates: 10,
    seed: 1,
  });
  expect((await experiment.run()).executed).toBe(20);
  expect(most).toBe(3);
});
