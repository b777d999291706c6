// Starts a server for another program: Ceph where it is installed, else the fake. Prints where it listens, as
// JSON, and ends when its input does.
import { once } from 'node:events';
import { missingCeph, startCeph } from './ceph.ts';
import { startFakeS3 } from './fake-s3.ts';

const isFake = missingCeph() !== undefined;
await using place = await (isFake ? startFake() : startCeph());
const { endpoint, credentials } = place;
process.stdout.write(`${JSON.stringify({ server: isFake ? 'fake' : 'Ceph', endpoint, credentials })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');

async function startFake() {
  const fake = await startFakeS3();
  fake.bucket('experiments');
  return fake;
}
