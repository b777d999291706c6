import type { LoadedExperiment } from '../loading/experiment-file.ts';
import type { RunProgress } from '../progress/run-progress.ts';
import { count, grouped } from '../text/count.ts';
import { duration } from '../text/duration.ts';
import { plainLine } from '../text/plain-text.ts';
import { placeOf } from './result-lines.ts';
import { storeLocation } from './store-location.ts';

/** What there is of runs that were stopped before they had ended; the experiments are theirs. */
export function stoppedLines(
  runs: readonly RunProgress[],
  now: number,
  experiments: readonly LoadedExperiment[] = [],
): readonly string[] {
  return runs.flatMap((run) => {
    const name = plainLine(run.name);
    if (run.startedAt === undefined) return runs.length > 1 ? [`${name}: had not started`] : [];
    const location = storeLocation(experiments.find(({ info }) => info.directory === run.name));
    const failed = run.failed > 0 ? `, ${grouped(run.failed)} of them failed` : '';
    const took = duration((run.endedAt ?? now) - run.startedAt);
    return [
      `${name}: ${grouped(run.ended)} of ${count(run.cells, 'cell')} ended${failed}, in ${took}; ${placeOfStopped(run, location)}`,
    ];
  });
}

/** Before its first cell is safe a run has left nothing, and an older one may still lie in its place. */
function placeOfStopped(run: RunProgress, location: string | undefined): string {
  const isKept = run.dir !== undefined || run.version !== undefined;
  return isKept && run.ended === 0 ? 'nothing of it is stored' : placeOf(run, location);
}
