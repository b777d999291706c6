/**
 * @internal Runs what imports the user's modules. Where these go to another directory at their top level, the
 * main process is there already, and the worker has begun there; threads could not go anywhere.
 */
export async function keepDirectory<T>(run: () => Promise<T>): Promise<T> {
  const { chdir } = process;
  process.chdir = () => {};
  try {
    return await run();
  } finally {
    process.chdir = chdir;
  }
}
