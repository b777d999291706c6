import type { Paint, Tone } from './paint.ts';
import { pad, widthOf, wrap } from './width.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns with the highest number go first when a table is too wide; one without stays. */
  readonly expendable?: number;
}

/** A cell: text, maybe with a tone. */
export type TableCell = string | { readonly text: string; readonly tone: Tone };

const GAP = '  ';
/** A first column is not wrapped narrower than this; other columns go before. */
const NARROWEST = 12;

/**
 * A table in lines that fit a width: columns that can be missed are left out, then the first column is
 * wrapped. The names of what was left out come back too, so that it can be said.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly TableCell[])[],
  width: number,
  paint: Paint,
): { readonly lines: readonly string[]; readonly dropped: readonly string[] } {
  const natural = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(textOf(row[index])))),
  );
  const kept = new Set(columns.keys());
  const others = () =>
    [...kept].reduce((sum, index) => (index === 0 ? sum : sum + GAP.length + (natural[index] ?? 0)), 0);
  const least = Math.min(natural[0] ?? 0, NARROWEST);
  const byExpendability = [...columns.entries()]
    .filter(([index, column]) => index > 0 && column.expendable !== undefined)
    .sort(([, a], [, b]) => (b.expendable ?? 0) - (a.expendable ?? 0));
  const dropped: string[] = [];
  for (const [index, column] of byExpendability) {
    if (least + others() <= width) break;
    kept.delete(index);
    dropped.push(column.title);
  }
  const first = Math.max(1, Math.min(natural[0] ?? 0, Math.max(least, width - others())));
  const widths = natural.map((own, index) => (index === 0 ? first : own));
  const line = (cells: readonly TableCell[], tone?: Tone): readonly string[] => {
    const [head = '', ...more] = wrap(textOf(cells[0]), first);
    const shown = [...kept].map((index) => {
      const cell = cells[index] ?? '';
      const text = index === 0 ? head : textOf(cell);
      const own = tone ?? (typeof cell === 'string' ? undefined : cell.tone);
      const painted = own ? paint(own, text) : text;
      // Only the text is painted: its width is known, and a line ends where its text does.
      const fill = pad('', (widths[index] ?? 0) - widthOf(text));
      return columns[index]?.align === 'right' ? fill + painted : painted + fill;
    });
    return [shown.join(GAP).trimEnd(), ...more.map((text) => (kept.size > 1 ? `  ${text}` : text))];
  };
  const titles = columns.map((column) => column.title);
  return { lines: [...line(titles, 'faint'), ...rows.flatMap((row) => line(row))], dropped };
}

function textOf(cell: TableCell | undefined): string {
  if (cell === undefined) return '';
  return typeof cell === 'string' ? cell : cell.text;
}
