/** The work of `experiment.ts` and nothing else: a loop that awaits each step and keeps the metric. */
import { peakMemoryKib, printFigures, programArgs } from '../harness/program-args.ts';

const { replicates } = programArgs<{ replicates: number }>();

const fetch = (replicate: number) => replicate;
const add = async (value: number, by: number) => value + by;
const double = async (value: number) => value * 2;
const score = async (value: number, keep: number[]) => {
  keep.push(value);
  return value;
};

const conditions: readonly { name: string; by: number }[] = [
  { name: 'baseline', by: 1 },
  { name: 'two', by: 2 },
  { name: 'three', by: 3 },
];
const metrics: Record<string, number[]> = { baseline: [], two: [], three: [] };

const startedAt = process.hrtime.bigint();
for (let replicate = 0; replicate < replicates; replicate++) {
  for (const { name, by } of conditions) {
    await score(await double(await add(await fetch(replicate), by)), metrics[name] ?? []);
  }
}
const nanoseconds = Number(process.hrtime.bigint() - startedAt);

const cells = conditions.length * replicates;
if (metrics['three']?.[replicates - 1] !== (replicates + 2) * 2)
  throw new Error('The loop computed something else.');
printFigures({ microsecondsPerCell: nanoseconds / 1000 / cells, peakKib: peakMemoryKib(), cells });
