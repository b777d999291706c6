/** The folder of this package's files, sources or built. */
const OWN = import.meta.url.replace(/\/(?:src|dist)\/[^?]*$/, '/');

/** Whatever calls a step, a datasource or a hook of a cell. */
const RUNNER =
  /^ {4}at (?:async )?(?:(?:StepRun|CellWorkflow|CellAttempt|CellRunner)\b|followStep |#(?:call|fetch|continue|finish(?:Later)?|run(?:Async|Plain|Prepared|Cacheable|Timed|Steps?|WithHooks)) )/;

/** Node's own frames between a callback and what awaited it, which are there or not as the time has it. */
const TICK = /^ {4}at .*\(node:internal\/(?:process\/task_queues|timers):/;

/** How many of these there are at most: they take the place of frames that would have been shown. */
const MOST_TICKS = 3;

/**
 * @internal The stack of an error in a cell as it is recorded: down to where this package called the user's
 * code, and without what depends on the time. Neither is the same in every executor, and a record must be.
 */
export function recordedStack(stack: string): string {
  const lines = stack.split('\n').filter((line) => !TICK.test(line));
  const first = lines.findIndex(isFrame);
  if (first < 0) return stack;
  const runner = lines.findIndex((line) => RUNNER.test(line) && line.includes(OWN));
  const most = first + Math.max(1, Error.stackTraceLimit - MOST_TICKS);
  let end = Math.min(runner < 0 ? lines.length : runner, most);
  const hasOthers = lines.slice(first, end).some((line) => !isBetween(line));
  while (hasOthers && isBetween(lines[end - 1] as string)) end--;
  return lines.slice(0, end).join('\n');
}

function isFrame(line: string): boolean {
  return line.startsWith('    at ');
}

/** Whether it is a frame of this package or of node. */
function isBetween(line: string): boolean {
  return line.includes(OWN) || line.includes('(node:');
}
