import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assertSameTree } from '../src/artifacts/same-tree.ts';
import { formatReport, isMet } from '../src/harness/print-report.ts';
import { runProgram } from '../src/harness/program.ts';
import { measureRounds } from '../src/harness/rounds.ts';
import { formatNumber, spreadOf, spreadOfDifference, spreadOfRatio } from '../src/harness/spread.ts';
import { workFolder } from '../src/harness/work-folder.ts';

test('as many values lie below the median as above it, and all between the ends', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const { median, min, max } = spreadOf(values);
      expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(values.length / 2);
      expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
    }),
  );
  expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
  expect(() => spreadOf([])).toThrow('needs at least one value');
});

test('ratios and differences are those of a round, not of medians', () => {
  const ours = [{ ms: 2 }, { ms: 30 }, { ms: 3 }];
  const bare = [{ ms: 1 }, { ms: 10 }, { ms: 3 }];
  expect(spreadOfRatio(ours, bare, 'ms')).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOfDifference(ours, bare, 'ms')).toEqual({ median: 1, min: 0, max: 20 });
  expect(() => spreadOfRatio(ours, bare.slice(1), 'ms')).toThrow("'ms' was not measured in every round");
});

test('each round begins with another subject, and the first is thrown away', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => ({ turn: order.push(name) });
  const measured = await measureRounds(2, { a: subject('a'), b: subject('b') });
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(measured).toEqual({ a: [{ turn: 4 }, { turn: 5 }], b: [{ turn: 3 }, { turn: 6 }] });
});

test('figures have three significant digits and no exponent', () => {
  expect([0, 0.01234, 1.0049, 9.999, 56.78, 123456, Number.NaN].map(formatNumber)).toEqual([
    '0',
    '0.0123',
    '1.00',
    '10.00',
    '56.8',
    '123456',
    'NaN',
  ]);
});

test('a report says of each target whether it is met', () => {
  const targets = [
    { claim: 'fast', measured: 2, limit: 2, unit: 'x' },
    { claim: 'small', measured: 2.01, limit: 2 },
    { claim: 'known', measured: Number.NaN, limit: 2 },
  ];
  expect(targets.map(isMet)).toEqual([true, false, false]);
  const tables = [
    {
      columns: ['program', 'ms'],
      rows: [
        ['bare', '1.00'],
        ['ours', '12.0'],
      ],
    },
  ];
  expect(formatReport({ title: 'T', method: 'M', tables, targets })).toBe(
    '\nT\n═\n\nM\n\nprogram     ms\n───────   ────\nbare      1.00\nours      12.0\n\n' +
      'met     fast: 2.00x\nMISSED  small: 2.01\nMISSED  known: NaN\n',
  );
});

test('a program gets its arguments, and its last line is what it measured', async () => {
  await using folder = await workFolder('harness-test');
  const file = join(folder.path, 'program.mjs');
  const url = pathToFileURL(file);
  await writeFile(file, 'console.log("hello\\n" + JSON.stringify({ n: JSON.parse(process.argv[2]).n + 1 }))');
  expect(await runProgram(url, { args: { n: 1 } })).toEqual({ n: 2 });
  await writeFile(file, 'console.error("no disk"); process.exit(3)');
  await expect(runProgram(url)).rejects.toThrow(/program\.mjs ended with 3, where 0 was expected:\nno disk/);
  await writeFile(file, 'console.log("done")');
  await expect(runProgram(url)).rejects.toThrow('and printed: done');
});

test('programs that wrote different trees are not compared', () => {
  assertSameTree(['a 1', 'b 2'], ['a 1', 'b 2']);
  expect(() => assertSameTree(['a 1', 'b 2'], ['a 1', 'b 3'])).toThrow('the first that differs is b 2');
  expect(() => assertSameTree(['a 1'], ['a 1', 'b 3'])).toThrow(
    'wrote 1, the bare one 2; the first that differs is b 3',
  );
  expect(() => assertSameTree(['a 1'], [])).toThrow('the first that differs is a 1');
});

test('a benchmark that does not exist is refused, with the names of those that do', () => {
  const program = fileURLToPath(new URL('../src/bench.ts', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program, 'startup', 'speed'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toBe(
    "There is no benchmark 'speed'. There are: overhead, records, commit, artifacts, resume, startup, csv, parallel, queue, s3.\n",
  );
});
