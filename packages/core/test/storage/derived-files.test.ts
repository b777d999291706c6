import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordUnreadableError } from '../../src/errors/storage-errors.ts';
import { parseLenientJson } from '../../src/storage/lenient-json.ts';
import { deriveManifest, encodeManifest, parseManifest } from '../../src/storage/manifest-file.ts';
import { encodeMetadata, parseMetadata } from '../../src/storage/metadata-file.ts';
import { deriveResults, encodeResults, metricsOf, parseResults } from '../../src/storage/results-file.ts';
import { encodeClaim, parseClaim } from '../../src/storage/run-claim.ts';
import { cellOf } from './cell-records.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const metric = (value: unknown, name = 'm') => ({ metric: name, value, step: 's' });

describe('results.json', () => {
  it('has the values of each metric in replicate order, of the cells of the condition that are done', () => {
    const cells = [
      cellOf(2, 'a', { metrics: [metric(2)] }),
      cellOf(0, 'a', { metrics: [metric(0), metric(0.5)] }),
      cellOf(1, 'a', { metrics: [metric(1)], status: 'failed' }),
      cellOf(0, 'b', { metrics: [metric(9)] }),
    ];
    expect(deriveResults(cells, 'a')).toEqual({ metrics: { m: [0, 0.5, 2] } });
    expect(deriveResults(cells, 'c')).toEqual({ metrics: {} });
  });

  it('is strict JSON whatever was recorded, while the records keep the exact values', () => {
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic.self = cyclic;
    const values: readonly (readonly [value: unknown, plain: unknown])[] = [
      [Number.NaN, null],
      [Number.NEGATIVE_INFINITY, null],
      [{ deep: [Number.NaN] }, { deep: [null] }],
      [12345678901234567890n, '12345678901234567890'],
      [new Date(0), '1970-01-01T00:00:00.000Z'],
      [new Date(Number.NaN), null],
      [
        new Map<unknown, unknown>([
          [1, 'a'],
          ['k', new Set([2n])],
        ]),
        [
          [1, 'a'],
          ['k', ['2']],
        ],
      ],
      [new Float64Array([1, Number.NaN]), [1, null]],
      [new BigInt64Array([1n]), ['1']],
      [Uint8Array.from([7]).buffer, [7]],
      [new URL('http://a/b'), 'http://a/b'],
      [/x/g, '/x/g'],
      [new TypeError('wrong'), { name: 'TypeError', message: 'wrong' }],
      [undefined, null],
      [() => 1, null],
      [Symbol('s'), null],
      [new (class Model {})(), null],
      [cyclic, { a: 1, self: null }],
      [
        { toJSON: () => 'hijacked', x: 1 },
        { toJSON: null, x: 1 },
      ],
    ];
    const cells = [cellOf(0, 'a', { metrics: values.map(([value]) => metric(value)) })];
    const results = encodeResults(deriveResults(cells, 'a'));
    expect(JSON.parse(Buffer.from(results).toString())).toEqual({
      metrics: { m: values.map(([, plain]) => plain) },
    });
    expect(metricsOf(cells, 'a').m).toEqual(values.map(([value]) => value));
  });

  it('takes any name of a metric', () => {
    const cells = [
      cellOf(0, 'a', { metrics: [metric(1, '__proto__'), metric(2, 'constructor'), metric(3, '')] }),
    ];
    const read = parseResults(encodeResults(deriveResults(cells, 'a')), 'results.json');
    expect(Object.entries(read.metrics)).toEqual([
      ['__proto__', [1]],
      ['constructor', [2]],
      ['', [3]],
    ]);
  });

  it('is read with the bare NaN and Infinity of Python, at any depth and never inside a text', () => {
    const text =
      '{"metrics": {"odd": [0.25, NaN, -Infinity, {"x": [Infinity, "NaN, -Infinity \\" NaN"]}], "NaN": [-0.0, "\\\\", NaN]}}';
    expect(parseResults(bytes(text), 'results.json').metrics).toEqual({
      odd: [
        0.25,
        Number.NaN,
        Number.NEGATIVE_INFINITY,
        { x: [Number.POSITIVE_INFINITY, 'NaN, -Infinity " NaN'] },
      ],
      NaN: [-0, '\\', Number.NaN],
    });
  });

  it('is refused when it is damaged', () => {
    for (const text of [
      '',
      '{',
      '[]',
      'null',
      '{}',
      '{"metrics": []}',
      '{"metrics": {"m": 1}}',
      '{"metrics": {"m": [1,]}}',
      '{"metrics": {"m": [NaNN]}}',
    ]) {
      expect(() => parseResults(bytes(text), 'here/results.json'), text).toThrow(RecordUnreadableError);
      expect(() => parseResults(bytes(text), 'here/results.json'), text).toThrow(/^here\/results\.json /);
    }
    expect(() => parseResults(Uint8Array.from([0x7b, 0xff, 0x7d]), 'r')).toThrow(RecordUnreadableError);
  });
});

describe('lenient JSON', () => {
  it('is JSON for every text that is JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseLenientJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is what Python writes for numbers that are none, wherever they stand', () => {
    const value = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        fc.double().map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.string(),
        fc.constantFrom('NaN', 'Infinity', '"NaN"', '\\'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).tree;
    const python = (item: unknown): string => {
      if (typeof item === 'number') return String(item);
      if (Array.isArray(item)) return `[${item.map(python).join(', ')}]`;
      if (typeof item !== 'object' || item === null) return JSON.stringify(item);
      return `{${Object.entries(item)
        .map(([key, inner]) => `${JSON.stringify(key)}: ${python(inner)}`)
        .join(', ')}}`;
    };
    fc.assert(
      fc.property(value, (item) => {
        expect(parseLenientJson(python(item))).toEqual(item);
      }),
    );
  });

  it('takes megabytes of text', () => {
    const text = `{"a": ${JSON.stringify('x\\"'.repeat(500_000))}, "b": NaN}`;
    expect(parseLenientJson(text)).toMatchObject({ b: Number.NaN });
  });
});

describe('_manifest.json', () => {
  const artifact = (step: string, name: string) => ({ step, name, size: 0, sha256: '' });

  it('names for each artifact the last step that wrote it, in the order of the pipeline', () => {
    const cells = [
      cellOf(0, 'a', {
        artifacts: [artifact('fit', 'model'), artifact('score', 'model'), artifact('split', 'rows')],
      }),
      cellOf(1, 'a', { artifacts: [artifact('split', 'model')] }),
      cellOf(2, 'a', { artifacts: [artifact('fit', 'debug')], status: 'failed' }),
    ];
    expect(deriveManifest(cells, ['split', 'fit', 'score'])).toEqual({ model: 'score', rows: 'split' });
    expect(deriveManifest(cells.toReversed(), ['split', 'fit', 'score'])).toEqual({
      model: 'score',
      rows: 'split',
    });
  });

  it('reads back, and is refused when it is damaged', () => {
    const manifest = { 'models/best.json': 'fit', 'rows.csv': 'split' };
    expect(parseManifest(encodeManifest(manifest), 'm')).toEqual(manifest);
    for (const text of ['{"a": 1}', '[]', 'x'])
      expect(() => parseManifest(bytes(text), 'm')).toThrow(RecordUnreadableError);
  });
});

describe('metadata.json', () => {
  it('reads back with whatever else stands in it', () => {
    const metadata = { replicates: 2, id: 'abc', name: 'x', extra: [1] };
    expect(parseMetadata(encodeMetadata(metadata), 'm')).toEqual(metadata);
  });

  it('is refused without a count of replicates or an id', () => {
    for (const text of [
      '{}',
      '{"replicates": "2", "id": "a"}',
      '{"replicates": -1, "id": "a"}',
      '{"replicates": 1.5, "id": "a"}',
      '{"replicates": 1}',
      '[]',
    ]) {
      expect(() => parseMetadata(bytes(text), 'here'), text).toThrow(RecordUnreadableError);
    }
  });
});

describe('run.json', () => {
  it('reads back who claimed the version, and is refused when damaged or newer', () => {
    const claim = { run: 'r', claimedAt: 1, owner: { host: 'h', pid: 2 } };
    expect(parseClaim(encodeClaim(claim), 'c')).toEqual({ format: 1, ...claim });
    for (const text of ['', '{}', '{"format": 1}', 'null', '{"format": "1"}']) {
      expect(() => parseClaim(bytes(text), 'c'), text).toThrow(RecordUnreadableError);
    }
    expect(() => parseClaim(bytes('{"format": 7}'), 'c')).toThrow(/format 7/);
  });
});
