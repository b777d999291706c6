// Two plugins and a store, none of which Crystallize knows: `node experiment.ts`.
import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, jsonCodec, type Plugin, pipelineStep } from '@crystallize/core';
import { backwards } from './backwards.ts';
import { MapStore } from './map-store.ts';
import { tracker } from './tracker.ts';

const notes = new Artifact('notes.json', jsonCodec<{ drawn: number }>());

const draw = pipelineStep({
  name: 'draw',
  params: { upTo: 10 },
  async run(_data: undefined, ctx, { upTo }) {
    const drawn = ctx.rng.int(1, upTo);
    ctx.record('drawn', drawn);
    await notes.write({ drawn });
    return drawn;
  },
});

function experiment(plugins: readonly Plugin[]) {
  return new Experiment({
    name: 'draws',
    datasource: datasource(() => undefined),
    pipeline: [draw()],
    treatments: { wide: { upTo: 1000 } },
    outputs: [notes],
    plugins,
    replicates: 3,
    seed: 7,
  });
}

const store = new MapStore();
let events: unknown;
const plugins = [
  new ArtifactPlugin({ store }),
  backwards(),
  tracker((counts) => {
    events = counts;
  }),
];
const plain = await experiment([]).run();
const own = await experiment(plugins).run();

const saved = openRuns({ store }).experiment('draws');
const [version] = await saved.versions();
const file = await version?.artifact({ replicate: 2, condition: 'wide', name: 'notes.json' });

console.log(
  JSON.stringify({
    status: own.status,
    warnings: own.warnings,
    plain: [plain.baseline.metrics, plain.treatments.wide.metrics],
    own: [own.baseline.metrics, own.treatments.wide.metrics],
    events,
    stored: await version?.metrics('wide'),
    notes: await file?.json(),
    location: saved.location,
  }),
);
