import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** The next line that this process is told; the process ends when there is none. */
export async function told(): Promise<string> {
  const { value, done } = await lines.next();
  if (done) process.exit();
  return value;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
