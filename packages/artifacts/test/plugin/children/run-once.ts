// Says that it is ready, waits for a line, then runs the scaling experiment in a folder and prints the version
// it got, or the code of its error.
import { once } from 'node:events';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { CrystallizeError } from '@crystallize/core';
import { scaling } from '../scaling.ts';

const [rootDir = '', mode] = process.argv.slice(2);
const experiment = scaling(new ArtifactPlugin({ rootDir, versioned: mode === 'versioned' }));
process.stdout.write('ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
try {
  const { version } = await experiment.run();
  process.stdout.write(String(version));
} catch (error) {
  if (!(error instanceof CrystallizeError)) throw error;
  process.stdout.write(error.code);
}
