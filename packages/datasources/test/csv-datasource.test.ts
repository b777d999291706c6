import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CsvError, csvDatasource } from '../src/index.ts';
import { cellContext } from './cell-context.ts';
import { csvFile, from } from './helpers.ts';

describe('csvDatasource', () => {
  it('gives every cell rows of its own, from one reading', async () => {
    const path = await csvFile('a,b\n1,2\n3,4\n');
    const source = csvDatasource(path);
    const cell = cellContext();
    const first = await source.fetch(cell(0), {}, undefined);
    await rm(path);
    first.push({ a: 'x', b: 'y' });
    (first[0] as { a: string }).a = 'changed';
    expect(await source.fetch(cell(1), {}, undefined)).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
  });

  it('copies what a schema has made: dates, nested data, objects of classes', async () => {
    class Celsius {
      #degrees: number;
      constructor(degrees: number) {
        this.#degrees = degrees;
      }
      warm(): number {
        this.#degrees += 1;
        return this.#degrees;
      }
    }
    const schema = z.object({
      day: z.coerce.date(),
      tags: z.string().transform((text) => ({ list: text.split(' '), set: new Set(text.split(' ')) })),
      degrees: z.coerce.number().transform(async (degrees) => new Celsius(degrees)),
    });
    const path = await csvFile('day,tags,degrees\n2026-01-02,a b,20\n');
    for (const shape of [schema, schema.omit({ degrees: true }), schema.pick({ degrees: true })]) {
      const cell = cellContext();
      const source = csvDatasource(path, { schema: shape });
      const [first] = (await source.fetch(cell(0), {}, undefined)) as z.infer<typeof schema>[];
      first?.day?.setFullYear(1999);
      first?.tags?.list.push('c');
      first?.tags?.set.clear();
      expect(first?.degrees?.warm() ?? 21).toBe(21);
      const [second] = (await source.fetch(cell(1), {}, undefined)) as z.infer<typeof schema>[];
      expect(second?.day?.getFullYear() ?? 2026).toBe(2026);
      expect(second?.tags ?? { list: ['a', 'b'], set: new Set(['a', 'b']) }).toEqual({
        list: ['a', 'b'],
        set: new Set(['a', 'b']),
      });
      expect(second?.degrees?.warm() ?? 21).toBe(21);
    }
  });

  it('resolves a relative path when it is made, not when it is read', async () => {
    const path = await csvFile('a\n1\n');
    const before = process.cwd();
    process.chdir(dirname(path));
    const source = csvDatasource(basename(path));
    process.chdir(before);
    expect(await source.fetch(cellContext()(0), {}, undefined)).toEqual([{ a: '1' }]);
  });

  it('asks a function for the file of each cell, and reads each file once', async () => {
    const paths = [await csvFile('a\nzero\n'), await csvFile('a\none\n')];
    const source = csvDatasource(async (ctx) => paths[ctx.replicate] as string);
    const cell = cellContext();
    expect(await source.fetch(cell(0), {}, undefined)).toEqual([{ a: 'zero' }]);
    expect(await source.fetch(cell(1), {}, undefined)).toEqual([{ a: 'one' }]);
    for (const path of paths) await writeFile(path, 'a\nother\n');
    expect(await source.fetch(cell(0, 'k=1'), {}, undefined)).toEqual([{ a: 'zero' }]);
    expect(await source.fetch(cell(1, 'k=1'), {}, undefined)).toEqual([{ a: 'one' }]);
    expect(await source.fetch(cellContext()(0), {}, undefined)).toEqual([{ a: 'other' }]);
  });

  it('reads a stream that a function makes for each cell', async () => {
    const source = csvDatasource((ctx) => from(`a\n${ctx.replicate}\n`));
    const cell = cellContext();
    expect(await source.fetch(cell(3), {}, undefined)).toEqual([{ a: '3' }]);
    expect(() => csvDatasource(from('a\n') as never)).toThrow(/give a function that makes one/);
  });

  it('reads a file again after a failure, so that a retry can succeed', async () => {
    const path = await csvFile('a,b\n1\n');
    const source = csvDatasource(path);
    const cell = cellContext();
    await expect(source.fetch(cell(0), {}, undefined)).rejects.toBeInstanceOf(CsvError);
    await writeFile(path, 'a,b\n1,2\n');
    expect(await source.fetch(cell(0), {}, undefined)).toEqual([{ a: '1', b: '2' }]);
  });

  it('refuses bad options when it is made', () => {
    expect(() => csvDatasource('x.csv', { delimiter: '' })).toThrow(CsvError);
  });

  it('has a fingerprint that changes with the bytes and with the options, and with nothing else', async () => {
    const path = await csvFile('a,b\n1,2\n');
    const same = await csvFile('a,b\n1,2\n');
    const other = await csvFile('a,b\n1,3\n');
    const print = (...args: Parameters<typeof csvDatasource>) => csvDatasource(...args).fingerprint?.();
    expect(await print(path)).toMatch(/^[0-9a-f]{64}$/);
    expect(await print(same)).toBe(await print(path));
    expect(await print(path, { delimiter: ',' })).toBe(await print(path));
    const prints = await Promise.all([
      print(path),
      print(other),
      print(path, { columns: ['a'] }),
      print(path, { columns: { a: 'b' } }),
      print(path, { delimiter: ';' }),
      print(path, { schema: z.object({}) }),
      print(() => path),
      print((ctx) => `${ctx.replicate}.csv`),
    ]);
    expect(new Set(prints).size).toBe(prints.length);
  });
});
