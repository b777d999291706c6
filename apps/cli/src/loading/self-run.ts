import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from '../cli-error.ts';
import { plainLine } from '../text/plain-text.ts';

/** What starts a run that is stored, by class. */
const STARTERS = { Experiment: ['run', 'stream'], ExperimentGraph: ['run'] } as const;

/**
 * Notices when a file starts a run by itself while it is loaded: it would run there, and then once
 * more. Such a call stays pending, so that nothing has run yet.
 *
 * @returns A promise that rejects when it happens, and what ends the watch.
 */
export async function watchSelfRuns(
  file: string,
): Promise<{ readonly started: Promise<never>; readonly stop: () => void }> {
  const undo: (() => void)[] = [];
  let fail: (error: Error) => void = () => {};
  const started = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // It is awaited only while the file loads.
  started.catch(() => {});
  const pending = (): Promise<never> => {
    fail(selfRunError(file));
    return new Promise<never>(() => {});
  };
  for (const [className, methods] of Object.entries(STARTERS)) {
    const prototype = prototypeOf((await coreOf(file))[className]);
    if (prototype === undefined) continue;
    for (const method of methods) {
      const original = Object.getOwnPropertyDescriptor(prototype, method);
      if (!original) continue;
      Object.defineProperty(prototype, method, { ...original, value: pending });
      undo.push(() => Object.defineProperty(prototype, method, original));
    }
  }
  return {
    started,
    stop: () => {
      for (const step of undo) step();
    },
  };
}

/** The copy of core that the file will get; nothing where it has none, which loading it will tell. */
async function coreOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(createRequire(file).resolve('@crystallize/core')).href);
  } catch {
    return {};
  }
}

function prototypeOf(value: unknown): object | undefined {
  return typeof value === 'function' && typeof value.prototype === 'object' ? value.prototype : undefined;
}

function selfRunError(file: string): CliError {
  const name = plainLine(basename(file));
  return new CliError(
    `${name} starts a run by itself when it is loaded, and would run twice. Put that under if (import.meta.main) { … }, where only \`node ${name}\` gets to, or start it with that alone. Nothing has run.`,
  );
}
