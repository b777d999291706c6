import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { type ServedPlace, startServer } from './server.ts';
import { BUCKET, type S3Task } from './task.ts';

interface Case extends Omit<S3Task, 'place' | 'prefix'> {
  readonly name: string;
  readonly mostTimesBare: number;
}

const KIB = 1024;
const ROUNDS = 5;

const CASES: readonly Case[] = [
  { name: '1,000 of 100 KiB', count: 1000, size: 100 * KIB, lanes: 8, streamed: false, mostTimesBare: 1.2 },
  { name: '10 of 50 MiB', count: 10, size: 50 * KIB * KIB, lanes: 1, streamed: false, mostTimesBare: 1.2 },
  {
    name: '10 of 50 MiB, streamed',
    count: 10,
    size: 50 * KIB * KIB,
    lanes: 1,
    streamed: true,
    mostTimesBare: 1.2,
  },
];

/** What the store costs beside the SDK that it is built on. */
export async function s3(): Promise<Report> {
  await using place = await startServer();
  const client = clientOf(place);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  let round = 0;
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const { name, mostTimesBare, ...task } of CASES) {
    const measure = (program: string) => async () => {
      round += 1;
      const args = { ...task, place, prefix: `round-${round}` };
      const figures = await runProgram(new URL(`./${program}.ts`, import.meta.url), { args });
      // The server keeps all in memory.
      await empty(client);
      return figures;
    };
    const { bare, ours } = await measureRounds(ROUNDS, { bare: measure('bare'), ours: measure('store') });
    for (const figure of ['writing', 'reading'] as const) {
      const ratio = spreadOfRatio(ours, bare, figure);
      rows.push([
        `${figure} ${name}`,
        formatSpread(spreadOfFigure(bare, figure)),
        formatSpread(spreadOfFigure(ours, figure)),
        formatSpread(ratio, 'x'),
        formatSpread(spreadOfFigure(bare, 'peakMib')),
        formatSpread(spreadOfFigure(ours, 'peakMib')),
      ]);
      targets.push({
        claim: `${figure} ${name}: at most ${mostTimesBare} times the bare SDK`,
        measured: ratio.median,
        limit: mostTimesBare,
        unit: 'x',
      });
    }
  }
  client.destroy();
  return {
    title: 's3: what the store costs beside the AWS SDK',
    method:
      `Against ${place.server} on this machine, ${ROUNDS} rounds. The store writes only where the key is free and takes the\n` +
      'sha256 of every byte; the bare program does neither. Time in ms for all objects, memory in MiB for the whole program.',
    tables: [{ columns: ['objects', 'bare ms', 'store ms', 'ratio', 'bare peak', 'store peak'], rows }],
    targets,
  };
}

function clientOf({ endpoint, credentials }: ServedPlace): S3Client {
  return new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
}

async function empty(client: S3Client): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    if (Contents.length === 0) return;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
  }
}
