// Runs many cells, each with artifacts of which every byte is the same; appends each acknowledged cell to
// a file outside the store, so that what was promised is known when this process is killed.
import { closeSync, openSync, writeSync } from 'node:fs';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { Artifact, AsyncExecution, datasource, Experiment, pipelineStep } from '@crystallize/core';

const [rootDir = '', oracle = '', mode = '', size = '0'] = process.argv.slice(2);
const small = new Artifact('small.bin');
const large = new Artifact('nested/large.bin');

const write = pipelineStep({
  name: 'write',
  async run(fill: number, ctx) {
    await small.write(new Uint8Array(1024).fill(fill));
    await large.writeStream(pieces(Number(size), fill));
    ctx.record('fill', fill);
    return fill;
  },
});

async function* pieces(bytes: number, fill: number) {
  for (let left = bytes; left > 0; left -= 65_536) yield new Uint8Array(Math.min(left, 65_536)).fill(fill);
}

const experiment = new Experiment({
  name: 'killed',
  datasource: datasource((ctx) => (ctx.replicate * 7 + 1) % 251),
  pipeline: [write()],
  treatments: { other: {} },
  plugins: [
    new ArtifactPlugin({ rootDir, versioned: mode === 'versioned' }),
    AsyncExecution({ concurrency: 4 }),
  ],
  replicates: 100_000,
  seed: 1,
});
const acknowledged = openSync(oracle, 'a');
await experiment.run({
  onEvent(event) {
    if (event.type === 'run:start') process.stdout.write('started\n');
    if (event.type !== 'cell:end') return;
    writeSync(acknowledged, `${event.cell.replicate} ${event.cell.condition}\n`);
    process.stdout.write('acknowledged\n');
  },
});
closeSync(acknowledged);
