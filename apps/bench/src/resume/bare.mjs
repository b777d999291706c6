/** Reads the logs that `experiment.mjs` has written, keeps every metric, and prints the same number. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

const { startedAt, rootDir, treatments, replicates } = JSON.parse(process.argv[2]);

const calledAt = process.hrtime.bigint();
const folder = `${rootDir}/resume/.crystallize/v0`;
const metrics = new Map();
// Piece by piece: the whole text would take memory that reading does not need.
const buffer = Buffer.allocUnsafe(1024 * 1024);
for (const name of readdirSync(folder)) {
  if (/^cells\.[0-9]+\.log$/.test(name)) readLog(`${folder}/${name}`);
}
const value = metrics.get(`t${treatments}`).get('score')[replicates - 1];
const readAt = process.hrtime.bigint();
console.log(
  JSON.stringify({
    milliseconds: Number(readAt - BigInt(startedAt)) / 1e6,
    loading: Number(readAt - calledAt) / 1e6,
    peakKib: process.resourceUsage().maxRSS,
    value,
  }),
);

function readLog(path) {
  const fd = openSync(path, 'r');
  let held = 0;
  for (;;) {
    const count = readSync(fd, buffer, held, buffer.length - held, null);
    if (count === 0) break;
    const end = buffer.lastIndexOf(10, held + count - 1) + 1;
    if (end === 0) throw new Error(`${path} has a line longer than ${buffer.length} bytes.`);
    for (const line of buffer.toString('utf8', 0, end - 1).split('\n')) {
      const entry = JSON.parse(line.slice(line.indexOf('{')));
      if (entry.type === 'cell') keep(entry);
    }
    buffer.copy(buffer, 0, end, held + count);
    held = held + count - end;
  }
  closeSync(fd);
}

function keep({ condition, replicate, metrics: recorded }) {
  const ofCondition = entryOf(metrics, condition, () => new Map());
  for (const [metric, number] of recorded) entryOf(ofCondition, metric, () => [])[replicate] = number;
}

function entryOf(map, key, make) {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
