import { RecordUnreadableError } from '../errors/storage-errors.ts';
import type { CellRecord } from '../plugin/records.ts';
import { CellLogEncoder } from '../storage/cell-log.ts';
import type { LineOfCell, LineOfShape } from '../storage/cell-log-line.ts';
import { readCell, readShape, type StepShape } from '../storage/cell-log-record.ts';
import { linesOf } from '../storage/log-line.ts';
import { UncarriedValue } from '../storage/uncarried-value.ts';

/** A record that has crossed a boundary. */
export interface CarriedRecord {
  readonly record: CellRecord;
  /** Sentences on the metrics whose values could not cross; these are {@link UncarriedValue}s now. */
  readonly uncarried: readonly string[];
}

/**
 * @internal Reads what one CellLogEncoder wrote, in its order. Records cross in the form in which
 * they are kept, which holds every value exactly and says everything of a step only once.
 */
export class CellRecordReader {
  readonly #shapes: StepShape[] = [];

  /** @throws RecordUnreadableError */
  read(text: string): CarriedRecord {
    for (const { entry } of linesOf(Buffer.from(text), 'The record of a cell')) {
      const line = entry as LineOfCell | LineOfShape;
      if (line.type === 'shape') this.#shapes[line.shape] = readShape(line);
      else return carried(readCell(line, this.#shapes, 0));
    }
    throw new RecordUnreadableError('The record of a cell was cut off on its way. Run the cell again.');
  }
}

/** @internal */
export function recordToText(encoder: CellLogEncoder, record: CellRecord): string {
  return Buffer.from(encoder.cell(record).bytes).toString();
}

/**
 * A cell's record as text, to be sent or kept; every value that superjson can carry stays what it is.
 *
 * @example
 * cellRecordFromText(cellRecordToText(record));
 */
export function cellRecordToText(record: CellRecord): string {
  return recordToText(new CellLogEncoder(), record);
}

/** The record that {@link cellRecordToText} was given. @throws RecordUnreadableError */
export function cellRecordFromText(text: string): CellRecord {
  return new CellRecordReader().read(text).record;
}

function carried({ record, unstorable }: ReturnType<typeof readCell>): CarriedRecord {
  if (unstorable.length === 0) return { record, uncarried: [] };
  const reasons = new Map(unstorable.map(({ index, reason }) => [index, reason]));
  const metrics = record.metrics.map((metric, index) => {
    const reason = reasons.get(index);
    return reason === undefined ? metric : { ...metric, value: new UncarriedValue(reason) };
  });
  const uncarried = unstorable.map(
    ({ metric, reason }) =>
      `A value of the metric '${metric}' could not come back from the worker that recorded it. ${reason}`,
  );
  return { record: { ...record, metrics }, uncarried };
}
