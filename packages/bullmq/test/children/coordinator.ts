// Runs the experiment on a queue: prints a line for each cell that is committed, and then what came of the run.
import { BullmqExecution, type BullmqExecutionOptions } from '@crystallize/bullmq';
import type { CellsOptions } from './cells.ts';

const [cellsText = '', queueText = '', strategy = 'rerun', module = './cells.ts'] = process.argv.slice(2);
const options = JSON.parse(cellsText) as CellsOptions;
const queue = JSON.parse(queueText) as BullmqExecutionOptions;
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);
const { cells } = (await import(module)) as typeof import('./cells.ts');
const experiment = cells(options, [new BullmqExecution(queue)]);
const stopping = new AbortController();
process.stdin.resume().on('end', () => stopping.abort(new Error('stopped by the test')));
const result = await experiment.run({
  signal: stopping.signal,
  ...(options.retries === undefined ? {} : { retries: options.retries }),
  ...(options.conditions ? { treatments: options.conditions.filter((name) => name !== 'baseline') } : {}),
  strategy: strategy as 'rerun' | 'resume',
  onEvent: (event) => event.type === 'cell:end' && say(`${event.cell.condition}/${event.cell.replicate}`),
});
const { status, executed, restored, warnings } = result;
const errors = result.errors.map(({ message }) => message);
say({ status, executed, restored, warnings, ...(errors.length > 0 ? { errors } : {}) });
process.exit(0);
