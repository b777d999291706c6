import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvOptions, readCsv } from '../src/index.ts';
import { errorOf, from } from './helpers.ts';

interface Writing {
  readonly delimiter: string;
  readonly eol: string;
  readonly quoteAll: boolean;
  readonly lastEol: boolean;
  readonly bom: boolean;
}

/** A writer by the letter of RFC 4180: quotes where it must, doubles quotes inside. */
function write(
  table: readonly (readonly string[])[],
  { delimiter, eol, quoteAll, lastEol, bom }: Writing,
): string {
  const cell = (text: string): string =>
    quoteAll || /["\r\n]/.test(text) || text.includes(delimiter) || text.startsWith('\uFEFF')
      ? `"${text.replaceAll('"', '""')}"`
      : text;
  const lines = table.map((row) => row.map(cell).join(delimiter)).join(eol);
  // Without a last line end, a last row of one empty cell could not be told from no row.
  return (bom ? '\uFEFF' : '') + lines + (lastEol || table.at(-1)?.join('') === '' ? eol : '');
}

const writing = fc.record<Writing>({
  delimiter: fc.constantFrom(',', ';', '\t', '|', '→'),
  eol: fc.constantFrom('\r\n', '\n', '\r'),
  quoteAll: fc.boolean(),
  lastEol: fc.boolean(),
  bom: fc.boolean(),
});

// Mostly characters that mean something to CSV, some that take several bytes.
const text = fc.string({
  unit: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '"',
        ',',
        ';',
        '\n',
        '\r',
        '\r\n',
        '\t',
        '|',
        ':',
        ' ',
        '#',
        'a',
        '0',
        'é',
        '€',
        '𝄞',
        '\uFEFF',
        '\0',
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .string({ unit: 'binary', minLength: 1, maxLength: 1 })
        .filter((unit) => unit.isWellFormed()),
    },
  ),
  maxLength: 12,
});

const table = fc
  .uniqueArray(text, { minLength: 1, maxLength: 5 })
  .filter((header) => header.join('') !== '')
  .chain((header) =>
    fc.record({
      header: fc.constant(header),
      rows: fc.array(fc.array(text, { minLength: header.length, maxLength: header.length }), {
        maxLength: 8,
      }),
    }),
  );

describe('CSV laws', () => {
  it('reads back exactly what a writer by RFC 4180 has written, in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        writing,
        fc.integer({ min: 1, max: 40 }),
        async ({ header, rows }, how, size) => {
          const options: CsvOptions = { delimiter: how.delimiter };
          const read = await readCsv(from(write([header, ...rows], how), size), options);
          expect(
            read.map((row) => header.map((name) => Object.getOwnPropertyDescriptor(row, name)?.value)),
          ).toEqual(rows);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('counts physical lines, whatever the cells before hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        writing,
        fc.integer({ min: 1, max: 40 }),
        async ({ header, rows }, how, size) => {
          const before = write([header, ...rows], { ...how, lastEol: true });
          const tooLong = header.map(() => 'x').concat('y');
          const error = await errorOf(
            readCsv(from(before + write([tooLong], { ...how, bom: false }), size), {
              delimiter: how.delimiter,
            }),
          );
          expect(error.code).toBe('CSV_ROW_LENGTH');
          expect(error.line).toBe(before.split(/\r\n|\n|\r/).length);
          expect(error.columnNumber).toBe(header.length + 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never takes bytes that are not UTF-8, and says which', async () => {
    const bad = fc.constantFrom(
      [0x80],
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
      [0xf5, 0x80],
    );
    await fc.assert(
      fc.asyncProperty(
        table,
        writing,
        bad,
        fc.integer({ min: 1, max: 40 }),
        async ({ header, rows }, how, bytes, size) => {
          const good = Buffer.from(write([header, ...rows], { ...how, lastEol: true }));
          const file = Buffer.concat([good, Uint8Array.from(bytes), Buffer.from('x,y\n')]);
          const error = await errorOf(readCsv(from(file, size), { delimiter: how.delimiter }));
          expect(error.code).toBe('CSV_ENCODING');
          expect(error.message).toContain(`byte ${good.length} `);
          expect(error.line).toBe(good.toString().split(/\r\n|\n|\r/).length);
        },
      ),
    );
  });
});
