import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BullmqExecutionOptions, QueueWorkerEvent, QueueWorkerOptions } from '@crystallize/bullmq';
import type { CellsOptions } from '../children/cells.ts';

/** A file of `children` in a process of its own, which prints lines of JSON. */
export class Child {
  readonly process: ChildProcessWithoutNullStreams;
  readonly said: unknown[] = [];
  readonly #ended: Promise<unknown>;
  #errors = '';
  #waiting: { readonly about: (line: unknown) => boolean; readonly resolve: () => void }[] = [];

  constructor(file: string, ...args: readonly unknown[]) {
    const path = fileURLToPath(new URL(`../children/${file}`, import.meta.url));
    const texts = args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg)));
    this.process = spawn(process.execPath, ['--conditions=crystallize-source', path, ...texts]);
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    createInterface({ input: this.process.stdout }).on('line', (line) => this.#take(JSON.parse(line)));
    this.#ended = once(this.process, 'close');
  }

  /** Resolves when it has said something like this, or said it before; rejects when it ends instead. */
  async until(about: (line: unknown) => boolean): Promise<void> {
    if (this.said.some(about)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ about, resolve });
    const gone = this.#ended.then(() => {
      throw new Error(
        `The process ended before. It said:\n${this.said.map((line) => JSON.stringify(line)).join('\n')}\n${this.#errors}`,
      );
    });
    await Promise.race([promise, gone]);
  }

  /** The last line that it says before it ends. @throws when it ends otherwise than well. */
  async result(): Promise<unknown> {
    await this.#ended;
    if (this.process.exitCode !== 0)
      throw new Error(`It ended with ${this.process.exitCode}:\n${this.#errors}`);
    return this.said.at(-1);
  }

  /** What it printed when it had ended. */
  async failure(): Promise<string> {
    await this.#ended;
    return this.#errors;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill();
  }

  #take(line: unknown): void {
    this.said.push(line);
    this.#waiting = this.#waiting.filter(({ about, resolve }) => {
      if (about(line)) resolve();
      return !about(line);
    });
  }
}

export function startCoordinator(
  cells: CellsOptions,
  queue: BullmqExecutionOptions,
  strategy: 'rerun' | 'resume' = 'rerun',
): Child {
  return new Child('coordinator.ts', cells, queue, strategy);
}

export function startWorker(options: Omit<QueueWorkerOptions, 'root'> & { readonly root?: string }): Child {
  return new Child('worker.ts', { root: fileURLToPath(new URL('../../', import.meta.url)), ...options });
}

/** Whether the line is such an event of a worker. */
export function isEvent(type: QueueWorkerEvent['type']): (line: unknown) => boolean {
  return (line) => (line as { readonly type?: unknown }).type === type;
}
