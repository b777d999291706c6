import { createHash } from 'node:crypto';
import { fsStore } from '../../src/fs-store/fs-store.ts';

/**
 * Writes objects and log entries for ever, and prints a line for each that is acknowledged. Run by
 * kill.test.ts, which ends it.
 */
const [root = '', start = '0'] = process.argv.slice(2);
const store = fsStore(root);
const log = await store.createLog(`exp/logs/${start}.log`);

for (let number = Number(start); ; number += 1) {
  const size = number % 5 === 0 ? 700_000 : 1000;
  const body = Buffer.alloc(size, String(number));
  const key = `exp/v0/replicate_${number}/baseline/fit/model.bin`;
  const put =
    number % 3 === 0 ? store.put(key, pieces(body)) : store.put(key, body, { ifAbsent: number % 2 === 0 });
  const [stored] = await Promise.all([put, log.append(Buffer.from(`${number}\n`))]);
  const expected = createHash('sha256').update(body).digest('hex');
  if (stored.sha256 !== expected) throw new Error(`${key} has the sha256 ${stored.sha256}, not ${expected}`);
  process.stdout.write(`${number} ${stored.size} ${stored.sha256}\n`);
}

async function* pieces(body: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < body.length; at += 90_000) yield body.subarray(at, at + 90_000);
}
