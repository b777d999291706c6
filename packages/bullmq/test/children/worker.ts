// A worker: prints its events, a line of JSON each. Ends in order when its input is closed.
import { runQueueWorker } from '@crystallize/bullmq';

const [options = '{}'] = process.argv.slice(2);
const stopping = new AbortController();
process.stdin.resume().on('end', () => stopping.abort());
await runQueueWorker({
  ...JSON.parse(options),
  signal: stopping.signal,
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
process.exit(0);
