import { ArtifactPlugin, type ArtifactPluginOptions } from '@crystallize/artifacts';
import {
  Artifact,
  type Datasource,
  datasource,
  Experiment,
  type Plugin,
  pipelineStep,
  type RunOptions,
} from '@crystallize/core';

const small = new Artifact('small.bin');
const large = new Artifact('large.bin');

export const smallSize = 100;
/** A little over 0.01 MiB, the threshold of these tests. */
export const largeSize = 11_000;

const write = pipelineStep({
  name: 'write',
  async run(replicate: number, ctx) {
    await small.write(Buffer.alloc(smallSize, replicate));
    await large.write(Buffer.alloc(largeSize, replicate));
    ctx.record('replicate', replicate);
    return replicate;
  },
});

/** Each of its cells writes `small.bin` and `large.bin`. */
export function sized(plugin: Plugin, name = 'sized', replicates = 1, others: readonly Plugin[] = []) {
  return new Experiment({
    name,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [write()],
    treatments: { other: {} },
    plugins: [plugin, ...others],
    replicates,
    seed: 1,
  });
}

/** Keeps so many runs, of which nothing is pruned. */
export async function storeSized(
  options: ArtifactPluginOptions,
  count: number,
  run: RunOptions<'other'> = {},
  name?: string,
): Promise<void> {
  const keeping = { durability: 'process', ...options, versioned: true, artifactRetention: 0 } as const;
  for (let version = 0; version < count; version += 1)
    await sized(new ArtifactPlugin(keeping), name).run(run);
}

/** The paths of the artifacts that are there, without those of a folder's own. */
export function artifactsAmong(paths: Iterable<string>): string[] {
  return [...paths].filter((path) => path.endsWith('.bin')).sort();
}

/** An experiment that has chosen a version of `sized` as its input. */
export function reading(plugin: Plugin, version: number) {
  const source: Datasource<number> = {
    prepare: () => ({ inputs: [{ experiment: 'sized', version }] }),
    fetch: (ctx) => ctx.replicate,
  };
  return new Experiment({
    name: 'reading',
    datasource: source,
    pipeline: [write()],
    plugins: [plugin],
    seed: 1,
  });
}
