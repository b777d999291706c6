import { z } from 'zod';

/** One row of the file, as text. */
export interface TextRow {
  readonly id: string;
  readonly species: string;
  readonly note: string;
  readonly length_mm: string;
  readonly mass_g: string;
}

/** The same, typed. */
export const MeasurementRow = z.object({
  id: z.coerce.number(),
  species: z.string(),
  note: z.string(),
  length_mm: z.coerce.number(),
  mass_g: z.coerce.number(),
});

/** What a file of that many rows holds, so that each program can show that it has read them all. */
export function massOf(id: number): number {
  return 2700 + (id % 3600);
}

/** The file in pieces: five columns, every tenth row with quotes, a comma and a line break. */
export function* csvPieces(rows: number): Generator<string> {
  yield 'id,species,note,length_mm,mass_g\n';
  const perPiece = 1000;
  for (let from = 0; from < rows; from += perPiece) {
    const count = Math.min(perPiece, rows - from);
    yield Array.from({ length: count }, (_, index) => {
      const id = from + index;
      const note = id % 10 === 0 ? '"seen twice, ""maybe""\nnear the colony"' : 'seen once';
      return `${id},${id % 3 === 0 ? 'Adelie' : 'Gentoo'},${note},${(320 + (id % 280)) / 10},${massOf(id)}\n`;
    }).join('');
  }
}
