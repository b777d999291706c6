import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { collect } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { outputOf, runChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const kills = 24;
const atOnce = 3;

it(`after ${kills} kills at any moment every object is whole, and all that was acknowledged is there`, async () => {
  using folder = temporaryFolder();
  const acknowledged = new Map<string, string>();
  const logs = new Map<number, number>();

  const killOne = async (start: number, calls: number): Promise<void> => {
    const child = runChild('writer-process.ts', folder.path, String(start));
    const output = outputOf(child);
    // At some call after so many acknowledgements, that is, in the middle of whatever comes then.
    let seen = 0;
    child.stdout.on('data', (text: string) => {
      seen += text.split('\n').length - 1;
      if (seen >= calls) child.kill('SIGKILL');
    });
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    const lines = (await output).split('\n').slice(0, -1);
    for (const line of lines) {
      const [number, , sha256 = ''] = line.split(' ');
      acknowledged.set(`exp/v0/replicate_${number}/baseline/fit/model.bin`, sha256);
    }
    logs.set(start, lines.length);
  };

  const moments = fc.sample(fc.integer({ min: 1, max: 40 }), kills);
  for (let at = 0; at < kills; at += atOnce) {
    await Promise.all(
      moments.slice(at, at + atOnce).map((calls, index) => killOne((at + index) * 10_000, calls)),
    );
  }

  const store = fsStore(folder.path);
  const found = new Set<string>();
  for await (const { key, size } of store.list('exp/v0')) {
    found.add(key);
    const number = /replicate_(\d+)/.exec(key)?.[1] ?? '';
    const expected = Buffer.alloc(Number(number) % 5 === 0 ? 700_000 : 1000, number);
    expect(size, key).toBe(expected.length);
    expect(
      createHash('sha256')
        .update((await store.get(key)) ?? '')
        .digest('hex'),
    ).toBe(createHash('sha256').update(expected).digest('hex'));
  }
  expect([...acknowledged.keys()].filter((key) => !found.has(key))).toEqual([]);
  for (const [start, lines] of logs) {
    const entries = Buffer.from((await store.readLog(`exp/logs/${start}.log`)) ?? [])
      .toString()
      .split('\n')
      .slice(0, -1);
    const expected = Array.from({ length: entries.length }, (_, index) => String(start + index));
    expect(entries).toEqual(expected);
    expect(entries.length).toBeGreaterThanOrEqual(lines);
  }
  expect(await collect(store.list('exp/logs'))).toHaveLength(kills);
  expect(acknowledged.size).toBeGreaterThan(kills);
}, 120_000);
