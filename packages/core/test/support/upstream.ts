import {
  Artifact,
  type Datasource,
  jsonCodec,
  pipelineStep,
  type SavedVersion,
  type UpstreamObject,
} from '@crystallize/core';

export const made = new Artifact('made.json', jsonCodec<number>());

/** Writes what it is given, plus its open param `add`, as an artifact and as the metric `made`. */
export const make = pipelineStep({
  name: 'make',
  params: { add: 1 },
  async run(data: number, ctx, { add }) {
    await made.write(data + add);
    ctx.record('made', data + add);
    return data + add;
  },
});

/** Reads what another experiment has made, of the same replicate and condition where it has it. */
export function madeBy(upstream: UpstreamObject): Datasource<number> {
  return {
    upstream: [upstream],
    async prepare(scope) {
      const [version] = await scope.saved(upstream).versions();
      const metadata = await version?.metadata();
      return { data: version, ...(metadata ? { replicates: metadata.replicates } : {}) };
    },
    async fetch(ctx, _params, prepared) {
      const version = prepared as SavedVersion;
      const known = await version.conditions();
      const condition = known.includes(ctx.condition) ? ctx.condition : 'baseline';
      const file = await version.artifact({ replicate: ctx.replicate, condition, name: made.name });
      return made.load(file);
    },
  };
}
