/** The loop of `../overhead/bare.ts`, with a line for each cell that a killed process does not lose. */
import { hash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { peakMemoryKib, printFigures, programArgs } from '../harness/program-args.ts';

const { replicates, rootDir } = programArgs<{ replicates: number; rootDir: string }>();

const add = async (value: number, by: number) => value + by;
const double = async (value: number) => value * 2;
const score = async (value: number, keep: number[]) => {
  keep.push(value);
  return value;
};
const conditions = [
  { name: 'baseline', by: 1 },
  { name: 'two', by: 2 },
  { name: 'three', by: 3 },
];
const metrics: Record<string, number[]> = { baseline: [], two: [], three: [] };

const startedAt = process.hrtime.bigint();
mkdirSync(rootDir, { recursive: true });
const log = openSync(join(rootDir, 'cells.jsonl'), 'ax');
for (let replicate = 0; replicate < replicates; replicate++) {
  for (const { name, by } of conditions) {
    const begin = performance.now();
    const value = await score(await double(await add(replicate, by)), metrics[name] ?? []);
    const duration = performance.now() - begin;
    const steps = ['add', 'double', 'score'].map((step) => ({ step, duration: duration / 3 }));
    const record = { replicate, condition: name, metrics: [['score', value]], steps, at: Date.now() };
    const line = JSON.stringify(record);
    // A line that was cut or altered has to be told from one that was not.
    writeSync(log, `${hash('sha256', line)} ${line}\n`);
  }
}
closeSync(log);
const nanoseconds = Number(process.hrtime.bigint() - startedAt);

const cells = conditions.length * replicates;
printFigures({ microsecondsPerCell: nanoseconds / 1000 / cells, peakKib: peakMemoryKib() });
