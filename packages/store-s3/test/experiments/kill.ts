import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { S3Place } from '../servers/s3-place.ts';

/** Trains in a process of its own, which is killed when so many cells are done. @returns those cells. */
export async function trainUntilKilled(
  place: S3Place,
  prefix: string,
  replicates: number,
  least: number,
): Promise<readonly string[]> {
  const path = fileURLToPath(new URL('children/train.ts', import.meta.url));
  const { endpoint, credentials } = place;
  const child = spawn(
    process.execPath,
    [
      '--conditions=crystallize-source',
      path,
      JSON.stringify({ endpoint, credentials }),
      prefix,
      String(replicates),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const done: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line !== 'started') done.push(line);
    if (done.length >= least) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error(`The child ended by itself, with ${child.exitCode}.`);
  return done;
}
