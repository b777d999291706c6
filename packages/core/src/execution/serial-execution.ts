import type { Plugin } from '../plugin/plugin.ts';

/** Makes the plugin, with or without `new`. */
export interface SerialExecutionFactory {
  (): Plugin;
  new (): Plugin;
}

function makeSerialExecution(): Plugin {
  return {
    name: 'serial-execution',
    async execute(_run, work) {
      for (const cell of work.cells) await work.run(cell);
    },
  };
}

/** Runs cells one after the other, replicate by replicate. The default. */
export const SerialExecution: SerialExecutionFactory =
  makeSerialExecution as unknown as SerialExecutionFactory;
