/** Options of node that say what the main process runs, or how it is looked at; those with a value of their own. */
const OWN = new Map([
  ['-e', true],
  ['--eval', true],
  ['-p', true],
  ['--print', true],
  ['-pe', true],
  ['-i', false],
  ['--interactive', false],
  ['--input-type', true],
  ['--watch', false],
  ['--watch-path', true],
  ['--test', false],
]);

/**
 * @internal The options of node with which a worker starts: those of this process that concern any script;
 * `undefined` where these are all, since a thread refuses to be told of those that the process has for it.
 */
export function workerExecArgv(execArgv: readonly string[] = process.execArgv): string[] | undefined {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const option = execArgv[index] as string;
    const [name = ''] = option.split('=', 1);
    const hasValue = OWN.get(name);
    if (hasValue === undefined) kept.push(option);
    else if (hasValue && option === name) index++;
  }
  return kept.length < execArgv.length ? kept : undefined;
}
