/** Writes and reads objects by the store, under the conditions that a run sets. */
import { s3Store } from '@crystallize/store-s3';
import { peakMemoryKib, printFigures, programArgs } from '../harness/program-args.ts';
import { assertSize, BUCKET, drain, Payload, type S3Task, timed } from './task.ts';

const task = programArgs<S3Task>();
const { endpoint, credentials } = task.place;
const store = s3Store({ bucket: BUCKET, endpoint, credentials, region: 'us-east-1' });
const payload = new Payload(task);

const write = async (key: string): Promise<void> => {
  await store.put(key, task.streamed ? payload.pieces() : payload.bytes(), { ifAbsent: true });
};

const read = async (key: string): Promise<void> => {
  if (task.streamed) await drain(store.stream(key), task.size);
  else assertSize((await store.get(key))?.length, task.size);
};

const writing = await timed(task, write);
const reading = await timed(task, read);
printFigures({ writing, reading, peakMib: peakMemoryKib() / 1024 });
