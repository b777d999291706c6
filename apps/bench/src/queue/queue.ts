import { NO_REDIS, startRedis } from '../../../../scripts/lib/redis-server.ts';
import { runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { formatSpread, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import type { QueueTask } from './task.ts';

const COUNT = 12_000;
const CONCURRENCIES = [2, 16];
const ROUNDS = 3;
const MOST_TIMES_BARE = 1.3;
const TIME = 'microsecondsPerCell';

/** What a cell costs that goes through Redis. */
export async function queue(): Promise<Report> {
  const title = 'queue: what a cell costs that does nothing and goes through a queue in Redis';
  if (NO_REDIS) {
    return {
      title,
      method: `Not measured: ${NO_REDIS}.`,
      tables: [],
      targets: [],
    };
  }
  await using redis = await startRedis();
  const rows: string[][] = [];
  const targets: Target[] = [];
  let measurements = 0;
  for (const concurrency of CONCURRENCIES) {
    const measure = (program: string) => {
      const task: QueueTask = {
        connection: redis.url,
        queue: `bench-${measurements++}`,
        count: COUNT,
        concurrency,
      };
      return runProgram(new URL(program, import.meta.url), { args: { ...task } });
    };
    const { bare, ours } = await measureRounds(ROUNDS, {
      bare: () => measure('./bare.ts'),
      ours: () => measure('./experiment.ts'),
    });
    const ratio = spreadOfRatio(ours, bare, TIME);
    rows.push([
      String(concurrency),
      COUNT.toLocaleString('en-US'),
      formatSpread(spreadOfFigure(bare, TIME)),
      formatSpread(spreadOfFigure(ours, TIME)),
      formatSpread(ratio, 'x'),
    ]);
    targets.push({
      claim: `${concurrency} at the same time: at most ${MOST_TIMES_BARE} times a bare job of BullMQ`,
      measured: ratio.median,
      limit: MOST_TIMES_BARE,
      unit: 'x',
    });
  }
  return {
    title,
    method:
      'One process gives the cells away, another runs them, and Redis keeps nothing on disk. The bare program queues as many\n' +
      `jobs that do nothing, at most 1,024 at once, and has their values come back by QueueEvents. ${ROUNDS} rounds. Time in µs per cell,\n` +
      'for the second half of them: what begins and ends a run, such as starting workers, is left out.',
    tables: [{ columns: ['at the same time', 'cells', 'bare', 'crystallize', 'ratio'], rows }],
    targets,
  };
}
