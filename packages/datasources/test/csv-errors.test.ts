import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CsvOptions, csvRows, readCsv } from '../src/index.ts';
import { csvFile, errorOf, from, temporaryFolder } from './helpers.ts';

const refusal = (text: string | Uint8Array, options?: CsvOptions) => errorOf(readCsv(from(text), options));

describe('a source that cannot be read', () => {
  it('names the absolute path of a missing file and the files like it beside it', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'penguins.csv'), 'a\n');
    await writeFile(join(folder, 'whales.csv'), 'a\n');
    const path = join(folder, 'pengiuns.csv');
    const error = await errorOf(readCsv(relative(process.cwd(), path)));
    expect(error).toMatchObject({ code: 'CSV_UNREADABLE', file: path });
    expect(error.message).toBe(`${path}: there is no such file. Did you mean 'penguins.csv'?`);
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
    const other = await errorOf(readCsv(join(folder, 'seals-of-1998.csv')));
    expect(other.message).toContain("The folder has 'penguins.csv', 'whales.csv'.");
  });

  it('says which folder is the last that exists', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'data'));
    const error = await errorOf(readCsv(join(folder, 'dta', 'raw', 'x.csv')));
    expect(error.message).toContain(`no such folder. What exists is ${folder} with 'data'.`);
  });

  it('says that a directory is one, and what CSV is in it', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.csv'), 'a\n');
    const error = await errorOf(readCsv(folder));
    expect(error.code).toBe('CSV_UNREADABLE');
    expect(error.message).toBe(
      `${folder}: this is a directory, and a CSV file was expected. In it are 'a.csv'.`,
    );
  });

  it('passes on why a stream broke, after the rows before', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a\n1\nmay be cut');
      throw new Error('the cable was pulled');
    }
    const rows: unknown[] = [];
    const reading = (async () => {
      for await (const row of csvRows(broken())) rows.push(row);
    })();
    const error = await errorOf(reading);
    expect(error).toMatchObject({
      code: 'CSV_UNREADABLE',
      message: 'CSV stream: reading failed: the cable was pulled.',
    });
    expect(error.cause).toMatchObject({ message: 'the cable was pulled' });
    expect(rows).toEqual([{ a: '1' }]);
  });

  it('refuses a stream that was read before, text in place of a path, other URLs and other things', async () => {
    const stream = Readable.from(['a\n1\n']);
    await readCsv(stream);
    expect((await errorOf(readCsv(stream))).message).toContain('A stream can be read once');
    expect((await errorOf(readCsv('a,b\n1,2\n'))).message).toContain('Readable.from([text])');
    expect((await errorOf(readCsv(new URL('https://example.org/x.csv')))).message).toContain(
      '(await fetch(url)).body',
    );
    expect((await errorOf(readCsv(7 as never))).message).toContain('got number');
    const objects = Readable.from([{ a: 1 }]);
    expect((await errorOf(readCsv(objects as never))).message).toContain('yielded object');
  });
});

describe('bytes that are no text', () => {
  it('says where the first is, and what to do', async () => {
    const path = await csvFile(
      Buffer.concat([Buffer.from('name\nAnn\nJos'), Uint8Array.of(0xe9), Buffer.from('\n')]),
    );
    const error = await errorOf(readCsv(path));
    expect(error).toMatchObject({ code: 'CSV_ENCODING', file: path, line: 3 });
    expect(error.message).toContain(
      "byte 12 of the file (0xe9) is not UTF-8. Save the file as utf-8, or give the encoding it has, such as encoding: 'windows-1252'.",
    );
  });

  it('counts the byte order mark in positions', async () => {
    const error = await refusal(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x0a, 0xff]));
    expect(error.message).toContain('byte 5 of the file (0xff)');
  });

  it('recognises UTF-16 and gzip', async () => {
    expect((await refusal(Buffer.from('\uFEFFa\n', 'utf16le'))).message).toContain("encoding: 'utf-16le'");
    expect((await refusal(gzipSync('a\n1\n'))).message).toContain('createGunzip');
  });

  it('refuses a character that the end of the file cuts short', async () => {
    expect(await refusal(Buffer.from('a\nxy€').subarray(0, -1))).toMatchObject({
      code: 'CSV_ENCODING',
      line: 2,
    });
  });

  it('refuses what is no text in another encoding', async () => {
    const error = await refusal(Buffer.from([0x61, 0x0a, 0x81, 0x20]), { encoding: 'shift_jis' });
    expect(error).toMatchObject({ code: 'CSV_ENCODING' });
    expect(error.message).toContain('not all shift_jis');
  });
});

describe('headers', () => {
  it('refuses an empty file, one of empty lines, and one of comments', async () => {
    for (const text of ['', '\uFEFF', '\n\n\r\n', '#x\n']) {
      const error = await refusal(text, { comment: '#' });
      expect(error).toMatchObject({ code: 'CSV_EMPTY' });
      expect(error.message).toContain('a header row was expected');
    }
  });

  it('refuses two columns of one name, with both places', async () => {
    const error = await refusal('\na,b,a\n1,2,3\n');
    expect(error).toMatchObject({ code: 'CSV_HEADER', line: 2, column: 'a', columnNumber: 3 });
    expect(error.message).toContain("two columns are named 'a' (1 and 3)");
  });

  it('asks whether a name that is nearly there was meant', async () => {
    const error = await refusal('species,Bill Length_mm\nx,1\n', { columns: ['bill_lenght_mm'] });
    expect(error).toMatchObject({ code: 'CSV_HEADER', line: 1, column: 'bill_lenght_mm' });
    expect(error.message).toContain("It has 'species', 'Bill Length_mm'. Did you mean 'Bill Length_mm'?");
  });

  it('suspects another delimiter where there is one column only', async () => {
    const error = await refusal('a;b\n1;2\n', { columns: ['a_long_name'] });
    expect(error.message).toContain('Then give delimiter: ";"');
  });

  it('says of a column that the schema requires and the file lacks that the header lacks it', async () => {
    const schema = z.object({ species: z.string(), body_mass: z.coerce.number() });
    const error = await refusal('species,body_mas\nAdelie,3750\n', { schema });
    expect(error).toMatchObject({ code: 'CSV_HEADER', column: 'body_mass' });
    expect(error.message).toContain("there is no column 'body_mass'");
    expect(error.message).toContain("Did you mean 'body_mas'?");
  });

  it('lets a schema leave out what the file has, and have what it may lack', async () => {
    const schema = z.object({ a: z.string(), c: z.string().optional() });
    expect(await readCsv(from('a,b\n1,2\n'), { schema })).toEqual([{ a: '1' }]);
  });

  it('refuses a position beyond the last column', async () => {
    expect(await refusal('a,b\n1,2\n', { columns: { x: 3 } })).toMatchObject({
      code: 'CSV_HEADER',
      columnNumber: 3,
    });
  });
});

describe('rows', () => {
  it('refuses a short row and names what is missing', async () => {
    const error = await refusal('a,b,c\n"1\n",2,3\n4,5\n');
    expect(error).toMatchObject({ code: 'CSV_ROW_LENGTH', line: 4, column: 'c', columnNumber: 3 });
    expect(error.message).toContain("the row has 2 cells and the header has 3. Missing: 'c'.");
  });

  it('refuses a long row and shows what is too much', async () => {
    const error = await refusal('a,b\n1,2,3 more\n');
    expect(error).toMatchObject({ code: 'CSV_ROW_LENGTH', line: 2, columnNumber: 3, value: '3 more' });
  });

  it('checks the first row of a file without header against the names', async () => {
    const error = await refusal('1,2,3\n', { header: false, columns: ['a', 'b'] });
    expect(error).toMatchObject({ code: 'CSV_ROW_LENGTH', line: 1 });
    expect(error.message).toContain('columns names 2');
  });

  it('says where a quote opens that is never closed', async () => {
    const error = await refusal('a,b\r\n"1\r\n2",3\r\n4,"five\r\n6,7\r\n');
    expect(error).toMatchObject({ code: 'CSV_QUOTE', line: 4 });
    expect(error.message).toContain('never closed: "\\"five"');
  });

  it('says where a quote stands inside a cell', async () => {
    const error = await refusal('a,b\n1,2\n\n3,5" disk\n');
    expect(error).toMatchObject({ code: 'CSV_QUOTE', line: 4 });
    expect(error.message).toContain('"5\\" disk"');
    const arrows = await refusal('a→b→c\n1→2→3" disk\n', { delimiter: '→' });
    expect(arrows.message).toContain('"3\\" disk"');
  });

  it('says what follows a closing quote, in the line of that quote', async () => {
    const error = await refusal('a,b\n1,"two\n""lines"" x"y\n');
    expect(error).toMatchObject({ code: 'CSV_QUOTE', line: 3 });
    expect(error.message).toContain('"\\"y" was found (the cell begins in line 2)');
  });

  it('refuses a row above maxRowBytes, whether or not it ends', async () => {
    const long = 'x'.repeat(2000);
    for (const text of [`a,b\n1,2\n3,${long}\n`, `a,b\n1,2\n"${long}`]) {
      const error = await refusal(text, { maxRowBytes: 1000 });
      expect(error).toMatchObject({ code: 'CSV_ROW_TOO_LONG', line: 3 });
    }
    const empty = await refusal(`a,b\n1,2\n${','.repeat(2000)}\n`, { maxRowBytes: 1000 });
    expect(empty).toMatchObject({ code: 'CSV_ROW_TOO_LONG', line: 3 });
    expect(await readCsv(from(`a,b\n3,${long}\n`), { maxRowBytes: 2003 })).toHaveLength(1);
    const comments = `a,b\n${'# a comment\n'.repeat(200)}1,2\n`;
    expect(await readCsv(from(comments), { maxRowBytes: 1000, comment: '#' })).toHaveLength(1);
  });
});

describe('schema issues', () => {
  const Penguin = z.object({ species: z.enum(['Adelie', 'Gentoo']), mass: z.coerce.number().positive() });

  it('name file, line, column, value and the reason', async () => {
    const path = await csvFile('species,mass\nAdelie,3750\n"Gentoo",-5\n');
    const error = await errorOf(readCsv(path, { schema: Penguin }));
    expect(error).toMatchObject({
      code: 'CSV_SCHEMA',
      file: path,
      line: 3,
      column: 'mass',
      columnNumber: 2,
      value: '-5',
    });
    expect(error.message).toMatch(
      /data\.csv:3, column 2 \('mass'\): found "-5", which does not fit the schema: Too small/,
    );
  });

  it('count the other issues of the row', async () => {
    const error = await refusal('species,mass\nDodo,none\n', { schema: Penguin });
    expect(error).toMatchObject({ column: 'species', line: 2 });
    expect(error.message).toContain("The row has 1 more: 'mass'");
  });

  it('give the column of the file for a renamed one', async () => {
    const columns = { mass: 'body_mass', species: 1 };
    const error = await refusal('kind,x,body_mass\nAdelie,,0\n', { schema: Penguin, columns });
    expect(error).toMatchObject({ column: 'mass', columnNumber: 3, value: '0' });
  });

  it('shorten a long value', async () => {
    const error = await refusal(`species,mass\n${'A'.repeat(5000)},1\n`, { schema: Penguin });
    expect(error.value).toHaveLength(60 + '… (5000 characters)'.length);
  });

  it('come from async schemas and from whole rows as well', async () => {
    const schema = z
      .object({ low: z.coerce.number(), high: z.coerce.number() })
      .refine(async ({ low, high }) => low <= high, 'low is above high');
    expect(await readCsv(from('low,high\n1,2\n'), { schema })).toEqual([{ low: 1, high: 2 }]);
    const error = await refusal('low,high\n1,2\n2,1\n', { schema });
    expect(error).toMatchObject({ code: 'CSV_SCHEMA', line: 3 });
    expect(error.column).toBeUndefined();
    expect(error.message).toContain('low is above high');
  });

  it('tell a schema that throws from one that refuses', async () => {
    const schema = z.object({ a: z.string().transform(() => JSON.parse('{')) });
    const error = await refusal('a\n1\n', { schema });
    expect(error.message).toContain('the schema threw');
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });
});

describe('options', () => {
  it.each([
    [{ delimeter: ';' }, "Did you mean 'delimiter'?"],
    [{ delimiter: '' }, 'delimiter must be one or more characters'],
    [{ delimiter: '"' }, 'begin alike'],
    [{ comment: '\n' }, 'comment must be'],
    [{ header: false }, 'without a header row'],
    [{ header: false, columns: { a: 'x' } }, 'a position from 1'],
    [{ columns: [] }, 'names no column'],
    [{ columns: ['a', 'a'] }, "names 'a' twice"],
    [{ columns: { a: 0 } }, 'columns.a must be'],
    [{ columns: 'a' }, 'columns must be'],
    [{ schema: {} }, 'Standard Schema'],
    [{ encoding: 'klingon' }, 'is unknown'],
    [{ emptyLines: 'keep' }, "'skip' or 'error'"],
    [{ maxRowBytes: 0 }, 'maxRowBytes must be'],
  ])('%j is refused with the reason', async (options, reason) => {
    const error = await refusal('a,b\n1,2\n', options as CsvOptions);
    expect(error.code).toBe('CSV_OPTIONS');
    expect(error.message).toContain(reason);
  });
});
