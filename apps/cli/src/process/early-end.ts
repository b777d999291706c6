import { EXIT } from '../exit-code.ts';

/** What is said last when the process ends before the command does. */
export interface Parting {
  /** The line for now; `undefined` where there is nothing to say. */
  line(): string | undefined;
}

/** What undoes the watch, once the command has come to its own end. */
export type EndOfWatch = () => void;

/** What is said of an early end. */
export interface EarlyEndWords {
  /** Nothing is left that could go on. */
  readonly frozen: string;
  /** The user's code called process.exit. */
  readonly left: string;
}

const RUN_WORDS: EarlyEndWords = {
  frozen:
    'the run came to a standstill: a promise that the experiment waits for can never settle any more. Look for a promise that nothing resolves, in the steps or at the top level of the file.',
  left: "the experiment's code ended the process (process.exit) before the run was over. Throw an error instead, so that only the cell fails.",
};

/**
 * Watches for a process that ends before the command does, which else would look like success: nothing
 * is left that could go on, the user's code called process.exit, or it threw where nobody can catch it.
 *
 * @param onCrash Told of an error that nobody caught; the process ends then.
 */
export function watchForEarlyEnd(
  onCrash: (error: unknown) => void,
  parting: Parting,
  words: EarlyEndWords = RUN_WORDS,
): EndOfWatch {
  let told = false;
  const sayParting = () => {
    const line = parting.line();
    if (line !== undefined) process.stderr.write(`  ${line}\n`);
  };
  const say = (message: string) => {
    told = true;
    process.stderr.write(`crystallize: ${message}\n`);
    sayParting();
  };
  const onDrained = () => {
    say(words.frozen);
    process.exit(EXIT.failed);
  };
  const onExit = (code: number) => {
    if (told || code === EXIT.interrupted || code === EXIT.terminated) return;
    say(words.left);
    process.exitCode = EXIT.failed;
  };
  const onUncaught = (error: unknown) => {
    told = true;
    onCrash(error);
    sayParting();
    process.exit(EXIT.failed);
  };
  process.on('beforeExit', onDrained);
  process.on('exit', onExit);
  process.on('uncaughtException', onUncaught);
  return () => {
    process.off('beforeExit', onDrained);
    process.off('exit', onExit);
    process.off('uncaughtException', onUncaught);
  };
}
