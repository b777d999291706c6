/** Writes and reads objects by the AWS SDK alone, as its documentation does it. */

import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { peakMemoryKib, printFigures, programArgs } from '../harness/program-args.ts';
import { assertSize, BUCKET, drain, Payload, type S3Task, timed } from './task.ts';

const task = programArgs<S3Task>();
const { endpoint, credentials } = task.place;
const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
const payload = new Payload(task);

const write = async (Key: string): Promise<void> => {
  if (task.streamed) {
    const params = { Bucket: BUCKET, Key, Body: Readable.from(payload.pieces(), { objectMode: false }) };
    await new Upload({ client, params, partSize: 8 * 1024 * 1024 }).done();
  } else {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: payload.bytes() }));
  }
};

const read = async (Key: string): Promise<void> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  if (task.streamed) await drain(Body as Readable, task.size);
  else assertSize((await Body?.transformToByteArray())?.length, task.size);
};

const writing = await timed(task, write);
const reading = await timed(task, read);
printFigures({ writing, reading, peakMib: peakMemoryKib() / 1024 });
