/** Lanes that make a line of a record each, as long as one of the experiment's, append it and wait until it is safe. */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { printFigures, programArgs } from '../harness/program-args.ts';
import { GroupLog } from './group-log.ts';
import { CONDITIONS, type CommitTask } from './task.ts';

const { rootDir, replicates, lanes, durability, lineBytes } = programArgs<CommitTask>();
const cells = replicates * CONDITIONS;
const path = join(rootDir, 'cells.log');

const startedAt = process.hrtime.bigint();
mkdirSync(rootDir, { recursive: true });
const log = new GroupLog(path, durability === 'full');
let begun = 0;
await Promise.all(Array.from({ length: lanes }, drain));
log.close();
const nanoseconds = Number(process.hrtime.bigint() - startedAt);

const { size } = statSync(path);
if (size !== cells * lineBytes)
  throw new Error(`The log has ${size} bytes, where ${cells * lineBytes} were expected.`);
printFigures({ microsecondsPerCell: nanoseconds / 1000 / cells });

async function drain(): Promise<void> {
  for (let cell = begun++; cell < cells; cell = begun++) {
    await log.append(`${JSON.stringify(recordOf(cell)).padEnd(lineBytes - 1)}\n`);
  }
}

/** What has to be said of a cell, at the least. */
function recordOf(cell: number) {
  const steps = [0.001, 0.001, 0.001];
  return {
    type: 'cell',
    replicate: cell,
    condition: 'baseline',
    seed: cell,
    metrics: [['score', cell]],
    steps,
  };
}
