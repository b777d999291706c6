// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control sequences are what it is about
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteSize, exactByteSize } from '../src/text/byte-size.ts';
import { duration, rate } from '../src/text/duration.ts';
import { figuresFor, pValue } from '../src/text/figures.ts';
import { didYouMean } from '../src/text/nearest-name.ts';
import { noPaint } from '../src/text/paint.ts';
import { plainLine, plainText } from '../src/text/plain-text.ts';
import { table } from '../src/text/table.ts';
import { cut, widthOf, wrap } from '../src/text/width.ts';

const anyText = fc.string({ unit: 'binary' });
/** Text with many of the characters that matter to terminals. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '[',
        ']',
        '31m',
        '0;',
        '\x07',
        '\x9b',
        '\x9d',
        '\x9c',
        '\\',
        '\r',
        '\n',
        '\u202e',
      ),
      anyText,
    ),
  )
  .map((parts) => parts.join(''));

describe('plainText', () => {
  test('leaves no control character but line breaks, whatever it is given', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(plainText(text)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(plainLine(text)).not.toContain('\n');
      }),
    );
  });

  test.each([
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['\x1b]52;c;QUFB\x07kept', 'kept'],
    ['\x1bPq data\x1b\\kept', 'kept'],
    ['\x9d0;title\x9ckept', 'kept'],
    ['\x9b2Jkept', 'kept'],
    ['a\rb', 'a\nb'],
    ['Grüße, 世界 👍🏽', 'Grüße, 世界 👍🏽'],
  ])('makes %j into %j', (given, expected) => {
    expect(plainText(given)).toBe(expected);
  });
});

describe('wrap and cut', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '世', ' ', ',', '-', 'é'), maxLength: 60 });

  test('give no line that is wider than asked for, and lose nothing but spaces', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('break a sweep after its commas', () => {
    expect(wrap('k=1,lr=0.1,depth=12', 11)).toEqual(['k=1,lr=0.1,', 'depth=12']);
  });
});

describe('table', () => {
  const columns = [
    { title: 'metric' },
    { title: 'n', align: 'right', expendable: 1 },
    { title: 'mean', align: 'right' },
    { title: 'sd', align: 'right', expendable: 2 },
  ] as const;
  const rows = [
    ['baseline', '20', '0.912', '0.034'],
    ['k=15,weights=distance', '20', '0.934', '0.031'],
  ];

  test('lines its columns up', () => {
    const { lines, dropped } = table(columns, rows, 80, noPaint);
    expect(lines).toEqual([
      'metric                  n   mean     sd',
      'baseline               20  0.912  0.034',
      'k=15,weights=distance  20  0.934  0.031',
    ]);
    expect(dropped).toEqual([]);
  });

  test('wraps its first column, then leaves out what can be missed, and says so', () => {
    expect(table(columns, rows, 34, noPaint).lines.slice(2)).toEqual([
      'k=15,             20  0.934  0.031',
      '  weights=distance',
    ]);
    const narrow = table(columns, rows, 20, noPaint);
    expect(narrow.dropped).toEqual(['sd', 'n']);
    for (const line of narrow.lines) expect(widthOf(line)).toBeLessThanOrEqual(20);
  });
});

describe('figures', () => {
  test('show three digits of the smallest spread', () => {
    const show = figuresFor([0.91234567, 0.9], [0.01234, 0.2]);
    expect([show(0.91234567), show(-0.00001), show(Number.NaN), show(Number.NEGATIVE_INFINITY)]).toEqual([
      '0.9123',
      '0.0000',
      '–',
      '-∞',
    ]);
  });

  test('show whole numbers without decimals, and very small and large ones with an exponent', () => {
    expect(figuresFor([12, 15000], [])(15000)).toBe('15000');
    expect(figuresFor([3e-7], [1e-8])(3e-7)).toBe('3.000e-7');
    expect(figuresFor([3e12], [])(3e12)).toBe('3.000e+12');
  });

  test('give tiny p-values as a bound', () => {
    expect([pValue(1e-9), pValue(0.0321), pValue(Number.NaN)]).toEqual(['<0.0001', '0.0321', '–']);
  });

  test('never throw, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.array(fc.double()), fc.double(), (means, spreads, value) => {
        expect(figuresFor(means, spreads)(value)).not.toBe('');
      }),
    );
  });
});

test.each([
  [340, '340 ms'],
  [3210, '3.2 s'],
  [59_600, '1 min 00 s'],
  [245_000, '4 min 05 s'],
  [7_620_000, '2 h 07 min'],
])('duration shows %d ms as %s', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});

test('rate shows slow cells by the minute', () => {
  expect([rate(120.4), rate(8.12), rate(0.25), rate(0.01)]).toEqual(['120/s', '8.1/s', '15/min', '0.6/min']);
});

test('didYouMean finds a near name and keeps silent about far ones', () => {
  expect(didYouMean('pengiuns', ['training', 'penguins'])).toBe(" Did you mean 'penguins'?");
  expect(didYouMean('Scale_Up', ['scale-up'])).toBe(" Did you mean 'scale-up'?");
  expect(didYouMean('zebra', ['penguins'])).toBe('');
});

test('sizes are shown in the unit that suits them, and exactly where that says more', () => {
  expect([0, 1, 1023, 1024, 1536, 10 * 1024, 1024 ** 2 - 1, 36_175_872, 1024 ** 4].map(byteSize)).toEqual([
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1.0 KiB',
    '1.5 KiB',
    '10 KiB',
    '1.0 MiB',
    '35 MiB',
    '1.0 TiB',
  ]);
  expect([12, 36_175_872].map(exactByteSize)).toEqual(['12 bytes', '35 MiB (36,175,872 bytes)']);
});
