import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { type Plugin, type RunHandle, stateKey } from '@crystallize/core';

const file = stateKey<WriteStream>('json-lines-tracker.file');

/**
 * Follows runs in a file with a line of JSON for each cell that ends, and one for the end of the run;
 * as a start for a plugin that reports to a tracking server. Each line names its run, so that several
 * runs can share a file.
 */
export function jsonLinesTracker(path: string): Plugin {
  return {
    name: 'json-lines-tracker',

    validate: () => (path.endsWith('.jsonl') ? [] : [`'${path}' is to hold JSON lines: name it …jsonl.`]),

    // What belongs to a run is kept in its handle: one plugin may serve several runs at the same time.
    async beforeRun(run) {
      await mkdir(dirname(path), { recursive: true });
      run.set(file, createWriteStream(path, { flags: 'a' }));
    },

    // Returns at once, as it must: the stream holds what the disk has not taken yet.
    onEvent(run, event) {
      if (event.type !== 'cell:end') return;
      const { replicate, condition, status, duration, metrics } = event.cell;
      const values = Object.fromEntries(metrics.map(({ metric, value }) => [metric, value]));
      writeLine(run, { replicate, condition, status, duration: Math.round(duration), ...values });
    },

    async afterRun(run, { status, reason }) {
      if (!run.has(file)) return;
      writeLine(run, { status, ...(reason === undefined ? {} : { reason: String(reason) }) });
      const stream = run.get(file);
      stream.end();
      await finished(stream);
    },
  };
}

function writeLine(run: RunHandle, fields: Readonly<Record<string, unknown>>): void {
  const line = { run: run.id, experiment: run.experiment.directory, ...fields };
  run.get(file).write(`${JSON.stringify(run.redact(line))}\n`);
}
