// Trains on a store, and prints each cell that was reported as done, until it is killed.
import { openStore } from '../../servers/open-store.ts';
import { training } from '../training.ts';

const [place = '', prefix = '', replicates = ''] = process.argv.slice(2);
const experiment = training(openStore(JSON.parse(place), { prefix }), { replicates: Number(replicates) });
await experiment.run({
  onEvent(event) {
    if (event.type === 'run:start') process.stdout.write('started\n');
    if (event.type === 'cell:end') process.stdout.write(`${event.cell.replicate} ${event.cell.condition}\n`);
  },
});
