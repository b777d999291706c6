import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runChild } from '../stores/child.ts';

/** How often a race is run, times what the environment asks for: many more before a release. */
export function rounds(usual: number): number {
  return usual * Number(process.env['CRYSTALLIZE_ROUNDS'] ?? 1);
}

/** Processes that run the same file of `children`, and are told and asked together, line by line. */
export class Crew {
  readonly #members: readonly Member[];

  /** @param args - Given to each, after its number. */
  constructor(size: number, file: string, ...args: readonly string[]) {
    this.#members = Array.from({ length: size }, (_, number) => {
      return new Member(runChild(`../races/children/${file}`, String(number), ...args));
    });
  }

  tell(line: string): void {
    for (const { child } of this.#members) child.stdin.write(`${line}\n`);
  }

  /** The next line of each. @throws what a member printed as an error, when it ended instead. */
  lines(): Promise<string[]> {
    return Promise.all(this.#members.map((member) => member.line()));
  }

  kill(signal: NodeJS.Signals): void {
    for (const { child } of this.#members) child.kill(signal);
  }

  get pids(): readonly number[] {
    return this.#members.map(({ child }) => child.pid ?? 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#members) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  }
}

class Member {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done) return value;
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    throw new Error(`A process of the race ended: ${this.#errors}`);
  }
}
