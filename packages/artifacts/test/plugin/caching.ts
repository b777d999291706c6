import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Artifact, datasource, Experiment, type Plugin, pipelineStep, textCodec } from '@crystallize/core';

/** What the cacheable step writes. */
export const note: Artifact<string, 'note.txt'> = new Artifact('note.txt', textCodec());

/** An experiment whose one cacheable step notes each of its runs in the file `runs` of a folder. */
export function caching(
  folder: string,
  plugin: Plugin,
  more: { readonly replicates?: number; readonly executor?: Plugin } = {},
) {
  const slow = pipelineStep({
    name: 'slow',
    params: { factor: 1 },
    cacheable: true,
    // The folder is not the same in each test, and no code of the step.
    version: '1',
    run: async (data: readonly number[], ctx, { factor }) => {
      await mkdir(folder, { recursive: true });
      await appendFile(join(folder, 'runs'), `${ctx.seed % 1000}x${factor}\n`);
      await note.write(`seed ${ctx.seed % 1000}, factor ${factor}`);
      ctx.record('drawn', ctx.rng.next() * factor, { tagged: true });
      ctx.add('sum', data.reduce((sum, item) => sum + item, 0) * factor);
      return new Map([['sum', data]]);
    },
  });
  const use = pipelineStep({
    name: 'use',
    run: (data: ReadonlyMap<string, readonly number[]>, ctx) =>
      ctx.record('used', [ctx.get('sum'), data.get('sum')]),
  });
  return new Experiment({
    name: 'caching',
    datasource: datasource(() => [1, 2, 3]),
    pipeline: [slow(), use()],
    treatments: { double: { factor: 2 } },
    plugins: more.executor ? [plugin, more.executor] : [plugin],
    replicates: more.replicates ?? 2,
    seed: 7,
  });
}

/** How often the step has run. */
export async function runsIn(folder: string): Promise<number> {
  return (await readFile(join(folder, 'runs'), 'utf8')).split('\n').length - 1;
}
