/**
 * Writes the tree that `experiment.ts` writes, as safely, and does nothing else. Small calls are
 * synchronous, which is several times cheaper; fsyncs go to threads, where those that need not wait
 * for each other run side by side, so that the journal takes them together. What it can't leave out are two
 * waits: the file before its rename, its folder after it.
 */
import { createHash, hash } from 'node:crypto';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { printFigures, programArgs } from '../harness/program-args.ts';
import { type ArtifactsTask, CONDITIONS, EXPERIMENT, FILE, Payload, STEP } from './payload.ts';

const PIECE = 1024 * 1024;
const SMALL = 64 * 1024;
const fsyncLater = promisify(fs.fsync);
const writeLater = promisify(fs.write);

const task = programArgs<ArtifactsTask>();
const payload = new Payload(task);
const run = `${task.rootDir}/${EXPERIMENT}/v0`;
const hashes: string[] = [];

const startedAt = process.hrtime.bigint();
fs.mkdirSync(run, { recursive: true });
for (const folder of [task.rootDir, `${task.rootDir}/${EXPERIMENT}`]) await fsyncFolder(folder);
const cells = cellsOf(task.replicates);
await Promise.all(Array.from({ length: task.lanes }, drain));
const nanoseconds = Number(process.hrtime.bigint() - startedAt);

const count = task.replicates * CONDITIONS.length;
if (hashes.length !== count) throw new Error(`${hashes.length} of ${count} files were written.`);
printFigures({ microsecondsPerCell: nanoseconds / 1000 / count });

async function drain(): Promise<void> {
  for (const [replicate, condition] of cells) await writeCell(replicate, condition);
}

function* cellsOf(replicates: number): Generator<readonly [number, string]> {
  for (let replicate = 0; replicate < replicates; replicate++) {
    for (const condition of CONDITIONS) yield [replicate, condition];
  }
}

async function writeCell(replicate: number, condition: string): Promise<void> {
  const ofReplicate = `${run}/replicate_${replicate}`;
  const ofCondition = `${ofReplicate}/${condition}`;
  const ofStep = `${ofCondition}/${STEP}`;
  const isFirst = condition === CONDITIONS[0];
  if (isFirst) fs.mkdirSync(ofReplicate);
  fs.mkdirSync(ofCondition);
  fs.mkdirSync(ofStep);
  const temporary = `${ofStep}/.tmp-${replicate}-${condition}`;
  const fd = fs.openSync(temporary, 'wx');
  hashes.push(await fill(fd, payload.of(replicate, condition)));
  const parents = [ofCondition, ofReplicate, ...(isFirst ? [run] : [])];
  await Promise.all([fsync(fd), ...parents.map(fsyncFolder)]);
  fs.closeSync(fd);
  fs.renameSync(temporary, `${ofStep}/${FILE}`);
  await fsyncFolder(ofStep);
}

/** A thread writes a large file piece by piece, while this one hashes. */
async function fill(fd: number, bytes: Uint8Array): Promise<string> {
  if (bytes.length <= SMALL) {
    fs.writeSync(fd, bytes);
    return hash('sha256', bytes);
  }
  const hashing = createHash('sha256');
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    const writing = writeLater(fd, piece);
    hashing.update(piece);
    await writing;
  }
  return hashing.digest('hex');
}

async function fsyncFolder(path: string): Promise<void> {
  if (task.durability === 'process') return;
  const fd = fs.openSync(path, 'r');
  await fsync(fd);
  fs.closeSync(fd);
}

async function fsync(fd: number): Promise<void> {
  if (task.durability === 'full') await fsyncLater(fd);
}
