// The experiment whose cells the tests run on a queue.
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ArtifactPlugin, type ArtifactPluginOptions } from '@crystallize/artifacts';
import { Artifact, datasource, Experiment, jsonCodec, type Plugin, pipelineStep } from '@crystallize/core';

/** What the experiment is made with; plain data. */
export interface CellsOptions {
  readonly folder: string;
  readonly replicates: number;
  /** How long a cell takes, in milliseconds. */
  readonly takes?: number;
  /** Whether each cell stores a file. */
  readonly stores?: boolean;
  /** Replicates that wait until the folder has a file `released`. */
  readonly waits?: readonly number[];
  /** How often a failed cell is tried again. */
  readonly retries?: number;
  /** Default: both, the baseline and `more`. */
  readonly conditions?: readonly string[];
  /** Replicates that fail whenever they are tried. */
  readonly failing?: readonly number[];
  /** Replicates that end the process which runs them. */
  readonly deadly?: readonly number[];
}

const file = new Artifact('value.json', jsonCodec<number>());

const value = pipelineStep({
  name: 'value',
  params: {
    folder: '',
    takes: 0,
    stores: true,
    plus: 0,
    deadly: [] as readonly number[],
    failing: [] as readonly number[],
    waits: [] as readonly number[],
  },
  async run(replicate: number, ctx, { folder, takes, stores, plus, deadly, failing, waits }) {
    // Appending is atomic: a line for each time that a cell was run, by whomever.
    appendFileSync(join(folder, 'ran.log'), `${ctx.condition}/${replicate}\n`);
    if (deadly.includes(replicate)) process.kill(process.pid, 'SIGKILL');
    if (failing.includes(replicate)) throw new RangeError(`Nothing comes of ${replicate}.`);
    while (waits.includes(replicate) && !existsSync(join(folder, 'released'))) await delay(20);
    if (takes > 0) await delay(takes);
    const found = ctx.rng.normal() + plus;
    if (stores) await file.write(found);
    ctx.record('value', found);
    return found;
  },
});

/** What another module makes the experiment with. */
export interface CellsSetting {
  readonly module?: { readonly url: string; readonly export: string; readonly args: readonly unknown[] };
  /** Default: in the folder. */
  readonly artifacts?: ArtifactPluginOptions;
}

export function cells(
  options: CellsOptions,
  plugins: readonly Plugin[] = [],
  setting: CellsSetting = {},
): Experiment {
  const { folder, replicates, takes = 0, stores = true, deadly = [], failing = [], waits = [] } = options;
  const {
    module = { url: import.meta.url, export: 'cells', args: [options] },
    artifacts = { rootDir: join(folder, 'runs') },
  } = setting;
  return new Experiment({
    name: 'cells',
    module,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [value({ folder, takes, stores, deadly, failing, waits })],
    treatments: { more: { plus: 1 } },
    replicates,
    seed: 7,
    plugins: [new ArtifactPlugin({ ...artifacts, versioned: true, durability: 'process' }), ...plugins],
  }) as unknown as Experiment;
}
