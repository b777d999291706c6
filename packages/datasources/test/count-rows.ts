// Run by csv-memory.test.ts in a process of its own: writes a file, reads it, and says what that took.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { csvRows } from '../src/index.ts';

const [path, count] = [process.argv[2] as string, Number(process.argv[3])];
const out = createWriteStream(path);
out.write('id,species,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g,sex,note\r\n');
for (let i = 0; i < count; i += 1) {
  const note = i % 10 === 0 ? '"seen twice,\r\nonce ""asleep"""' : 'none';
  const line = `${i},Adelie,Torgersen,${30 + (i % 250) / 10},18.7,${170 + (i % 60)},${2700 + (i % 3600)},female,${note}\r\n`;
  if (!out.write(line)) await once(out, 'drain');
}
out.end();
await once(out, 'close');

let rows = 0;
let sum = 0;
const start = performance.now();
for await (const row of csvRows(path)) {
  rows += 1;
  sum += Number(row['id']);
}
const rss = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ rows, sum, rss, ms: performance.now() - start }));
