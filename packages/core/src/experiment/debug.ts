import { inspect } from 'node:util';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import { runExperiment } from '../execution/run-experiment.ts';
import type { RunEvent } from '../plugin/events.ts';
import type { Result } from '../result/result.ts';
import { savedRunsOf } from './saved-runs.ts';

/** @internal One replicate, serially, printing to standard error what happens. */
export async function debugExperiment(
  experiment: ResolvedExperiment,
  treatment: Treatment | string | undefined,
): Promise<Result> {
  return runExperiment(
    experiment,
    {
      treatments: treatment === undefined ? [] : [treatment],
      hypotheses: [],
      replicates: 1,
      failFast: true,
      onEvent: (event) => {
        const line = describe(event);
        if (line !== undefined) console.error(line);
      },
    },
    { purpose: 'debug', saved: savedRunsOf(experiment) },
  );
}

function describe(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run:start':
      return `debug ${event.experiment.directory}: ${event.conditions.join(', ')}; seed ${event.seed}`;
    case 'cell:start':
      return `${event.cell.condition} (seed ${event.cell.seed})`;
    case 'step:start':
      return `  ${event.step} …`;
    case 'step:end':
      return `  ${event.step} ${event.failed ? 'failed' : 'done'} after ${event.duration.toFixed(1)} ms`;
    case 'artifact:written':
      return `    wrote ${event.artifact.name}, ${event.artifact.size} bytes`;
    case 'log':
      return `    ${event.level}: ${event.message}${event.data === undefined ? '' : ` ${inspect(event.data)}`}`;
    case 'custom':
      return `    ${event.name}: ${inspect(event.payload)}`;
    case 'warning':
      return `warning: ${event.message}`;
    case 'cell:end':
      return (
        event.cell.metrics.map(({ metric, value }) => `  ${metric} = ${inspect(value)}`).join('\n') ||
        undefined
      );
    case 'run:end':
      return undefined;
  }
}
