import type { ErrorRecord } from '@crystallize/core';

/** A worker, for messages. */
export interface WorkerName {
  /** Unique among all workers. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

/** What came of one cell of a job. */
export interface ToldCell {
  /** Position in the job. */
  readonly index: number;
  /** The record, as `cellRecordToText` made it. */
  readonly record?: string;
  /** Instead of a record: why the run can't go on. */
  readonly error?: ErrorRecord;
}

/** Results of a job's cells, maybe not of all of them. */
export interface ResultsEntry {
  readonly kind: 'results';
  readonly job: string;
  readonly worker: WorkerName;
  /** Whether an earlier worker had the job, and was gone before it had ended. */
  readonly again: boolean;
  readonly cells: readonly ToldCell[];
}

/** What workers tell a run's coordinator. */
export type InboxEntry =
  | ResultsEntry
  /** A worker takes cells of the run, at most so many at once. */
  | { readonly kind: 'ready'; readonly worker: WorkerName; readonly lanes: number }
  /** A worker takes no cell of the run. */
  | { readonly kind: 'refused'; readonly worker: WorkerName; readonly reason: string }
  | { readonly kind: 'warning'; readonly worker: WorkerName; readonly message: string };

/** The part of a {@link ResultsEntry} that stands in one field. */
export type ResultsData = Pick<ResultsEntry, 'worker' | 'again' | 'cells'>;

/** The fields under which an entry other than results stands in the stream. */
export function entryFields(entry: Exclude<InboxEntry, ResultsEntry>): string[] {
  const { kind, ...data } = entry;
  return ['kind', kind, 'data', JSON.stringify(data)];
}

/** The entry that stands in the stream under these fields; `undefined` for one of a newer version. */
export function entryFromFields(fields: readonly string[]): InboxEntry | undefined {
  const { kind, job, data: text } = fieldsOf(fields);
  const data = JSON.parse(text ?? '{}');
  switch (kind) {
    case 'results':
      return { kind, job: job ?? '', ...(data as ResultsData) };
    case 'ready':
    case 'refused':
    case 'warning':
      return { kind, ...data } as InboxEntry;
    default:
      return undefined;
  }
}

/** The fields of a stream's entry by name. */
export function fieldsOf(fields: readonly string[]): Readonly<Partial<Record<string, string>>> {
  const read: Record<string, string> = {};
  for (let at = 0; at + 1 < fields.length; at += 2) read[fields[at] as string] = fields[at + 1] as string;
  return read;
}

/** A worker in a message: `host (process 123)`. */
export function nameOf({ host, pid }: WorkerName): string {
  return `${host} (process ${pid})`;
}
