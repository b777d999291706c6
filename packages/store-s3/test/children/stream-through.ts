// Streams objects of so many MiB into a store and out of it again, one after another, and prints after each the
// most memory that the process has taken, in MiB.
import { createHash } from 'node:crypto';
import { openStore } from '../servers/open-store.ts';

const [place = '', ...sizes] = process.argv.slice(2);
const store = openStore(JSON.parse(place), { prefix: 'memory' });
const mebibyte = 1024 * 1024;

async function* pieces(count: number) {
  const piece = Buffer.alloc(mebibyte, 5);
  for (let number = 0; number < count; number += 1) {
    piece.writeUInt32LE(number);
    yield piece;
  }
}

for (const size of sizes) {
  const { sha256 } = await store.put(`of-${size}`, pieces(Number(size)), { ifAbsent: true });
  const hash = createHash('sha256');
  for await (const piece of store.stream(`of-${size}`)) hash.update(piece);
  if (hash.digest('hex') !== sha256) throw new Error('other bytes came back');
  process.stdout.write(`${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
}
