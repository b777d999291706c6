import {
  type DatasourceContext,
  datasource,
  Experiment,
  type Plugin,
  pipelineStep,
  type StepContext,
} from '@crystallize/core';

/** One cacheable step that counts how often it runs, and the experiment around it. */
export function counting(
  run: (data: number, ctx: StepContext, params: { readonly k: number }) => unknown,
  more: { readonly data?: (ctx: DatasourceContext) => unknown; readonly [option: string]: unknown } = {},
) {
  let runs = 0;
  const { data = () => 1, ...definition } = more;
  const step = pipelineStep({
    name: 'work',
    params: { k: 2 },
    cacheable: true,
    run: (given: number, ctx, params) => {
      runs++;
      const output = run(given, ctx, params);
      if (!(output instanceof Promise)) ctx.record('out', output);
      return output;
    },
  });
  const experiment = new Experiment({
    datasource: datasource(data),
    pipeline: [step()],
    seed: 1,
    ...definition,
  } as never);
  return {
    experiment: experiment as Experiment,
    step,
    /** How often it ran since it was last asked. */
    get runs() {
      const since = runs;
      runs = 0;
      return since;
    },
  };
}

/** Makes experiments that share a cache, as versions of one experiment do. */
export function sharing(pipeline: readonly object[]) {
  const cache = objectCache();
  return {
    experiment: (more: object) =>
      new Experiment({
        datasource: datasource(() => 1),
        pipeline,
        plugins: [cache.plugin],
        ...more,
      } as never) as Experiment,
  };
}

/** A plugin whose cache is a Map. */
export function objectCache() {
  const objects = new Map<string, Uint8Array>();
  const plugin: Plugin = {
    name: 'object-cache',
    cache: () => ({
      names: async (folder) =>
        [...objects.keys()]
          .filter((key) => key.startsWith(`${folder}/`))
          .map((key) => key.slice(folder.length + 1)),
      get: async (key) => objects.get(key),
      async *stream(key) {
        yield objects.get(key) as Uint8Array;
      },
      async put(key, body) {
        objects.set(key, body instanceof Uint8Array ? body : Buffer.concat(await Array.fromAsync(body)));
      },
    }),
  };
  return { objects, plugin };
}
