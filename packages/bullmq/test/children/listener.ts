// Runs the experiment on a queue, and prints the types of the events of each cell.
import { BullmqExecution, type BullmqExecutionOptions } from '@crystallize/bullmq';
import { type CellsOptions, cells } from './cells.ts';

const [cellsText = '', queueText = ''] = process.argv.slice(2);
const queue = JSON.parse(queueText) as BullmqExecutionOptions;
const told: Record<string, string[]> = {};
await cells(JSON.parse(cellsText) as CellsOptions, [new BullmqExecution(queue)]).run({
  onEvent(event) {
    if (!('cell' in event) || event.cell === undefined) return;
    const cell = `${event.cell.condition}/${event.cell.replicate}`;
    told[cell] = [...(told[cell] ?? []), event.type];
  },
});
process.stdout.write(`${JSON.stringify(told)}\n`);
process.exit(0);
