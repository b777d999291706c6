import { type Parting, watchForEarlyEnd } from '../process/early-end.ts';
import { Interruption } from '../process/interruption.ts';
import { hideNeedlessWarnings } from '../process/node-warnings.ts';
import { crashLines } from './run-failure.ts';

/**
 * Does work in which the user's code is loaded and runs: with signals, crashes and ends of the process
 * that come too early taken care of until it is over.
 *
 * @param work Gets what signals do, and may say what is told last should the process end too early.
 */
export async function withUserCode<T>(
  file: string,
  verbose: boolean,
  work: (interruption: Interruption, parting: Parting) => Promise<T>,
): Promise<T> {
  hideNeedlessWarnings();
  using interruption = new Interruption();
  const parting: Parting = { line: () => undefined };
  const endOfWatch = watchForEarlyEnd((error) => {
    for (const line of crashLines(error, file, verbose)) process.stderr.write(`${line}\n`);
  }, parting);
  try {
    return await work(interruption, parting);
  } finally {
    endOfWatch();
  }
}
