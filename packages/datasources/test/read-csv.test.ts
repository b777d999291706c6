import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { csvRows, readCsv } from '../src/index.ts';
import { csvFile, errorOf, from } from './helpers.ts';

describe('readCsv', () => {
  it('reads cells as the strings that stand in the file', async () => {
    const rows = await readCsv(from('zip,n,empty,bool\n00501,1e3,,true\n9007199254740993,-0, ,NULL\n'));
    expect(rows).toEqual([
      { zip: '00501', n: '1e3', empty: '', bool: 'true' },
      { zip: '9007199254740993', n: '-0', empty: ' ', bool: 'NULL' },
    ]);
  });

  it('reads quoted delimiters, line breaks and quotes', async () => {
    const rows = await readCsv(from('a,b\r\n"x,1","line\r\nbreak"\r\n"say ""hi""",""\r\n'));
    expect(rows).toEqual([
      { a: 'x,1', b: 'line\r\nbreak' },
      { a: 'say "hi"', b: '' },
    ]);
  });

  it('takes LF, CRLF and CR, also mixed, and a last line without an end', async () => {
    expect(await readCsv(from('a,b\n1,2\r\n3,4\r5,6'))).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
      { a: '5', b: '6' },
    ]);
  });

  it('leaves a byte order mark out of the first name, also when it comes in pieces', async () => {
    const bytes = Buffer.from('\uFEFFa,b\n1,2\n');
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    expect(await readCsv(Readable.from(pieces))).toEqual([{ a: '1', b: '2' }]);
    expect(await readCsv(from(bytes))).toEqual([{ a: '1', b: '2' }]);
  });

  it('reads a path, a file URL, a Node stream, a web stream and a generator alike', async () => {
    const path = await csvFile('a,b\n1,"é\n€"\n');
    const bytes = Buffer.from('a,b\n1,"é\n€"\n');
    async function* bytewise(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const web = new Blob([bytes]).stream();
    const sources = [
      path,
      new URL(`file://${path}`),
      Readable.from([bytes]),
      web,
      bytewise(),
      from('a,b\n1,"é\n€"\n'),
    ];
    for (const source of sources) expect(await readCsv(source)).toEqual([{ a: '1', b: 'é\n€' }]);
  });

  it('gives no rows for a file with only a header', async () => {
    expect(await readCsv(from('a,b'))).toEqual([]);
    expect(await readCsv(from('a,b\r\n'))).toEqual([]);
  });

  it('passes over empty lines between the rows of several columns, and not over a quoted empty cell', async () => {
    expect(await readCsv(from('\n\na,b\n\n1,2\r\n\r\n3,4\n\n\n'))).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
    expect(await errorOf(readCsv(from('a,b\n1,2\n""\n')))).toMatchObject({ code: 'CSV_ROW_LENGTH', line: 3 });
  });

  it('takes an empty line for an empty cell where there is one column', async () => {
    const text = 'a\nx\n\n""\ny\n';
    expect(await readCsv(from(text))).toEqual([{ a: 'x' }, { a: '' }, { a: '' }, { a: 'y' }]);
    const headless = await readCsv(from('\nx\n\n'), { header: false, columns: ['a'] });
    expect(headless).toEqual([{ a: '' }, { a: 'x' }, { a: '' }]);
    expect(await readCsv(from(text), { emptyLines: 'skip' })).toEqual([{ a: 'x' }, { a: '' }, { a: 'y' }]);
  });

  it('refuses empty lines when told to, with their line', async () => {
    const error = await errorOf(readCsv(from('a,b\r\n"1\r\n",2\r\n\r\n3,4\r\n'), { emptyLines: 'error' }));
    expect(error).toMatchObject({ code: 'CSV_ROW_LENGTH', line: 4 });
    expect((await errorOf(readCsv(from('\na\n1\n'), { emptyLines: 'error' }))).line).toBe(1);
  });

  it('reads other delimiters, quotes and comments', async () => {
    expect(await readCsv(from("a||b\n'x||y'||'it''s'\n"), { delimiter: '||', quote: "'" })).toEqual([
      { a: 'x||y', b: "it's" },
    ]);
    expect(await readCsv(from('a\tb\n"1\t2"\n'), { delimiter: '\t', quote: false })).toEqual([
      { a: '"1', b: '2"' },
    ]);
    expect(await readCsv(from('# made by hand\na,b\n# more, "text\n1,#2\n'), { comment: '#' })).toEqual([
      { a: '1', b: '#2' },
    ]);
  });

  it('reads other encodings when they are named', async () => {
    const latin = Buffer.from([0x61, 0x0a, 0xe9, 0x80, 0x0a]);
    expect(await readCsv(from(latin), { encoding: 'windows-1252' })).toEqual([{ a: 'é€' }]);
    const wide = Buffer.from('\uFEFFa\né\n', 'utf16le');
    expect(await readCsv(from(wide, 3), { encoding: 'utf-16le' })).toEqual([{ a: 'é' }]);
  });

  it('keeps columns that are named like parts of every object', async () => {
    const [row] = await readCsv(from('__proto__,constructor,toString\n1,2,3\n'));
    expect(Object.entries(row ?? {})).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
    ]);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
  });
});

describe('columns', () => {
  it('selects by name, in the order asked for', async () => {
    const rows = await readCsv(from('a,b,c\n1,2,3\n'), { columns: ['c', 'a'] });
    expect(rows.map((row) => Object.entries(row))).toEqual([
      [
        ['c', '3'],
        ['a', '1'],
      ],
    ]);
  });

  it('renames by name and by position', async () => {
    const rows = await readCsv(from('id,x,x\n7,1,2\n'), { columns: { id: 'id', before: 2, after: 3 } });
    expect(rows).toEqual([{ id: '7', before: '1', after: '2' }]);
  });

  it('names all columns, or picks some, where the file has no header', async () => {
    const rows = await readCsv(from('1,2\n3,4\n'), { header: false, columns: ['a', 'b'] });
    expect(rows).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
    expect(await readCsv(from('1,2\n3,4\n'), { header: false, columns: { y: 2 } })).toEqual([
      { y: '2' },
      { y: '4' },
    ]);
  });
});

describe('csvRows', () => {
  it('yields the rows that precede an error before it', async () => {
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const row of csvRows(from('a,b\n1,2\n3,4\n5\n6,7\n'))) seen.push(row);
    })();
    expect(await errorOf(reading)).toMatchObject({ code: 'CSV_ROW_LENGTH', line: 4 });
    expect(seen).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
  });

  it('closes a stream when its loop is left, and when it fails', async () => {
    let closed = 0;
    async function* endless(text: string): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.from(text);
      } finally {
        closed += 1;
      }
    }
    const stream = Readable.from(endless('a\n'));
    for await (const row of csvRows(stream)) {
      expect(row).toEqual({ a: 'a' });
      break;
    }
    expect(stream.destroyed).toBe(true);
    expect((await errorOf(readCsv(endless('a\nb,c\n')))).code).toBe('CSV_ROW_LENGTH');
    expect(closed).toBe(2);
  });

  it('makes rows of one huge chunk a piece at a time', async () => {
    let made = 0;
    const schema = z.object({ a: z.string() }).refine(() => ++made);
    for await (const row of csvRows(from(`a\n${'x\n'.repeat(500_000)}`), { schema })) {
      expect(row).toEqual({ a: 'x' });
      break;
    }
    expect(made).toBeLessThan(50_000);
    expect(await readCsv(from(`a\n${'x\n'.repeat(100_000)}`))).toHaveLength(100_000);
  });
});
