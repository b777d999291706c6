import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from './helpers.ts';

it('streams 500,000 rows in less than 300 MB of memory', async () => {
  const script = join(import.meta.dirname, 'count-rows.ts');
  const path = join(await temporaryFolder(), 'many.csv');
  const args = [
    '--conditions=crystallize-source',
    '--disable-warning=ExperimentalWarning',
    script,
    path,
    '500000',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { rows, sum, rss } = JSON.parse(stdout);
  expect({ rows, sum }).toEqual({ rows: 500_000, sum: (500_000 * 499_999) / 2 });
  expect(rss).toBeLessThan(300e6);
}, 60_000);
