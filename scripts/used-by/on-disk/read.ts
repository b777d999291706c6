// Reads what is kept, in a process that has never seen the experiment: `node read.ts`.
import { openRuns } from '@crystallize/artifacts';

const runs = openRuns({ rootDir: 'runs' });
for (const experiment of await runs.experiments()) {
  for (const version of await experiment.versions()) {
    const files = await version.artifacts();
    console.log(
      JSON.stringify({
        experiment: experiment.name,
        version: version.version,
        finished: version.finished,
        metadata: await version.metadata(),
        conditions: await version.conditions(),
        heavy: await version.metrics('heavy'),
        artifacts: await Promise.all(
          files.map(async (file) => [
            file.replicate,
            file.condition,
            file.step,
            file.name,
            await file.json(),
          ]),
        ),
      }),
    );
  }
}
