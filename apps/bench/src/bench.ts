/** `node src/bench.ts [name …]`: runs the named benchmarks, or all of them, and prints what they found. */

import { artifacts } from './artifacts/artifacts.ts';
import { commit } from './commit/commit.ts';
import { csv } from './csv/csv.ts';
import { formatReport, isMet } from './harness/print-report.ts';
import type { Report } from './harness/report.ts';
import { overhead } from './overhead/overhead.ts';
import { parallel } from './parallel/parallel.ts';
import { queue } from './queue/queue.ts';
import { records } from './records/records.ts';
import { resume } from './resume/resume.ts';
import { s3 } from './s3/s3.ts';
import { startup } from './startup/startup.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<Report>>> = {
  overhead,
  records,
  commit,
  artifacts,
  resume,
  startup,
  csv,
  parallel,
  queue,
  s3,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark '${unknown.join("', '")}'. There are: ${Object.keys(BENCHMARKS).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  const missed: string[] = [];
  for (const name of asked.length > 0 ? asked : Object.keys(BENCHMARKS)) {
    const report = await (BENCHMARKS[name] as () => Promise<Report>)();
    console.log(formatReport(report));
    missed.push(
      ...report.targets.filter((target) => !isMet(target)).map((target) => `${name}: ${target.claim}`),
    );
  }
  console.log(missed.length === 0 ? 'Every target is met.' : `Missed:\n  ${missed.join('\n  ')}`);
}
