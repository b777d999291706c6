// Runs an experiment: so many of its cells itself, and then waits for a worker that has the others. It says
// what a worker is to be told, and lives until it is killed.
import { setInterval } from 'node:timers';
import { fsStore } from '@crystallize/artifacts';
import type { Plugin } from '@crystallize/core';
import { scaling } from '../../plugin/scaling.ts';
import { Showing } from '../../plugin/showing.ts';
import { say } from './told.ts';

const [, root = '', name = '', own = ''] = process.argv.slice(2);
const plugin = new Showing({ store: fsStore(root, { durability: 'process' }) });
const executor: Plugin = {
  name: 'main',
  async execute(_run, work) {
    for (const [index, cell] of [...work.cells].entries()) if (index < Number(own)) await work.run(cell);
    say(JSON.stringify(plugin.shared));
    // No promise keeps a process alive.
    setInterval(() => {}, 1000);
    await new Promise(() => {});
  },
};
await scaling(plugin, { name, replicates: 3, executor }).run();
