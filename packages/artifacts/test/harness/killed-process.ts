// Resumes the probe in a folder until it is done, four cells at a time, unless it is killed. What it begins
// and what it was told to be done is appended to a file outside the store, and synced: that file says what was
// promised.
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { fsStore } from '@crystallize/artifacts';
import { AsyncExecution } from '@crystallize/core';
import { cellName } from './flow.ts';
import { probe } from './probe-experiment.ts';

const [rootDir = '', oracle = '', mode = '', replicates = '', durability = 'full'] = process.argv.slice(2);
const fd = openSync(oracle, 'a');

function note(line: string): void {
  writeSync(fd, `${line}\n`);
  fsyncSync(fd);
}

const experiment = probe({
  store: fsStore(rootDir, { durability: durability === 'process' ? 'process' : 'full' }),
  versioned: mode === 'versioned',
  replicates: Number(replicates),
  executor: AsyncExecution({ concurrency: 4 }),
  onExecute: (cell) => note(`begun ${cell}`),
});
process.stdout.write('ready\n');
await experiment.run({
  strategy: 'resume',
  onEvent: (event) => event.type === 'cell:end' && note(`${event.cell.status} ${cellName(event.cell)}`),
});
