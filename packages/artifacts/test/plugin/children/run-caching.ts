// Says that it is ready, waits for a line, then runs the caching experiment in a folder and prints its metrics.
import { once } from 'node:events';
import { join } from 'node:path';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { caching } from '../caching.ts';

const [folder = ''] = process.argv.slice(2);
const plugin = new ArtifactPlugin({ rootDir: join(folder, 'root'), versioned: true });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
const result = await caching(folder, plugin, { replicates: 4 }).run();
process.stdout.write(
  JSON.stringify([result.baseline.metrics, result.treatments['double']?.metrics, result.warnings]),
);
