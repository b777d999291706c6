// A way of running cells of one's own: last replicate first, two at a time.
import type { Plugin } from '@crystallize/core';

export function backwards(): Plugin {
  return {
    name: 'backwards',
    async execute(run, work) {
      const cells = [...work.cells].reverse();
      const runSome = async () => {
        for (let cell = cells.shift(); cell && !run.signal.aborted; cell = cells.shift())
          await work.run(cell);
      };
      await Promise.all([runSome(), runSome()]);
    },
  };
}
