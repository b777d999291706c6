// Runs experiments as a process on another machine, and stops itself: before the first cell of each, or when
// so many have ended.
import { ArtifactPlugin, fsStore } from '@crystallize/artifacts';
import { CrystallizeError, type Plugin } from '@crystallize/core';
import { scaling } from '../../plugin/scaling.ts';
import { say, told } from './told.ts';

const [, root = '', lease = ''] = process.argv.slice(2);
const identity = { host: 'elsewhere', pid: process.pid };

for (;;) {
  const [name = '', stopAt = ''] = (await told()).split(' ');
  const store = fsStore(root, { durability: 'process', lease: Number(lease), identity });
  const stop = (): void => void process.kill(process.pid, 'SIGSTOP');
  const stopping: Plugin = {
    name: 'stopping',
    beforeCell: ({ replicate, condition }) => {
      if (stopAt === '0' && replicate === 0 && condition === 'baseline') stop();
    },
  };
  const experiment = scaling(new ArtifactPlugin({ store }), { name, replicates: 50, executor: stopping });
  try {
    const { status } = await experiment.run({
      onEvent: (event) => {
        if (event.type === 'cell:end' && event.ended === Number(stopAt)) stop();
      },
    });
    say(status);
  } catch (error) {
    say(error instanceof CrystallizeError ? error.code : String(error));
  }
}
