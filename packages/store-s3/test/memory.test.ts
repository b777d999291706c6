import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type FakeS3Options, startFakeS3 } from './servers/fake-s3.ts';

const run = promisify(execFile);
const child = fileURLToPath(new URL('children/stream-through.ts', import.meta.url));

it.each<readonly [string, FakeS3Options]>([
  ['in parts', {}],
  ['in one request', { ignores: ['upload-if-none-match'] }],
])(
  'an artifact of 200 MiB takes no more memory than one of 50 MiB, where it goes %s',
  async (_how, options) => {
    await using fake = await startFakeS3(options);
    fake.bucket('experiments');
    const { endpoint, credentials } = fake;
    const place = JSON.stringify({ endpoint, credentials });
    const { stdout } = await run(process.execPath, [
      '--conditions=crystallize-source',
      child,
      place,
      '50',
      '200',
    ]);
    const [small = 0, large = 0] = stdout.trim().split('\n').map(Number);
    expect(small).toBeGreaterThan(0);
    expect(large - small).toBeLessThan(60);
  },
);
