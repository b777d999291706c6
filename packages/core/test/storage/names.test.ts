import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsafeNameError } from '../../src/errors/storage-errors.ts';
import {
  assertName,
  checkName,
  findCollisions,
  type NameKind,
  nameKey,
  quoteName,
} from '../../src/storage/names.ts';
import { fineNames, hostileParts, hostilePaths, layoutNames } from './hostile-names.ts';

const kinds: readonly NameKind[] = ['experiment', 'condition', 'step', 'artifact'];

describe.each(kinds)('a name of the kind %s', (kind) => {
  it('is refused when some system could not hold it or would take it for another', () => {
    const names = Object.values(hostileParts).flat();
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => checkName(kind, name) === undefined)).toEqual([]);
  });

  it('is refused with a sentence of its own that quotes it and shows nothing invisible', () => {
    for (const name of Object.values(hostileParts).flat()) {
      const problem = checkName(kind, name) ?? '';
      expect(problem).toMatch(new RegExp(`^The ${kind} name '.*' .*\\.$`, 's'));
      expect(problem).toBe(problem.replace(/[^\P{C}]|[\u2028\u2029\u202e]/gu, ''));
      expect(problem.length).toBeLessThan(400);
    }
  });

  it('may be what people call things', () => {
    expect(fineNames.map((name) => checkName(kind, name)).filter(Boolean)).toEqual([]);
  });

  it('must be a string', () => {
    for (const name of [undefined, null, 1, {}, ['a'], Symbol('a')]) {
      expect(checkName(kind, name)).toMatch(/must be a string/);
    }
  });

  it('that is accepted reads back from a folder as it was given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crystallize-names-'));
    try {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.string({ unit: 'grapheme' }),
            fc.constantFrom(...fineNames),
          ),
          (name) => {
            if (checkName(kind, name) !== undefined || name.includes('/')) return;
            const path = join(folder, name);
            writeFileSync(path, '');
            expect(readdirSync(folder)).toEqual([name]);
            rmSync(path);
          },
        ),
        { numRuns: 300 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('a condition and a step can not have the names of the layout, as an experiment and an artifact can', () => {
  for (const name of layoutNames) {
    expect(checkName('condition', name)).toMatch(/taken by the layout/);
    expect(checkName('step', name)).toMatch(/taken by the layout/);
    expect(checkName('artifact', name)).toBeUndefined();
    expect(checkName('experiment', name)).toBeUndefined();
  }
});

it('an artifact may lie in subfolders, and nothing else may', () => {
  expect(checkName('artifact', 'models/best/weights.bin')).toBeUndefined();
  for (const kind of ['experiment', 'condition', 'step'] as const) {
    expect(checkName(kind, 'a/b')).toMatch(/path separator/);
  }
});

it('each part of an artifact name obeys the rules for names', () => {
  expect(hostilePaths.filter((name) => checkName('artifact', name) === undefined)).toEqual([]);
  const parts = Object.values(hostileParts).flat();
  expect(parts.filter((part) => checkName('artifact', `a/${part}`) === undefined)).toEqual([]);
  expect(parts.filter((part) => checkName('artifact', `${part}/a`) === undefined)).toEqual([]);
});

it('assertName throws what checkName says', () => {
  expect(() => assertName('step', '..')).toThrow(UnsafeNameError);
  expect(() => assertName('step', '..')).toThrow(checkName('step', '..') as string);
  expect(() => assertName('step', 'fit')).not.toThrow();
});

it('names collide when they differ only in case, or in how Unicode writes them', () => {
  const groups = [
    ['Fit', 'fit', 'FIT'],
    ['straße', 'STRASSE', 'strasse', 'STRAẞE', 'straẞe'],
    ['\u00e9lan', 'e\u0301lan', '\u00c9LAN'],
    ['Σ', 'σ', 'ς'],
    ['ﬁt', 'FIT'.replace('FI', 'ﬁ')],
  ];
  for (const group of groups) expect(new Set(group.map(nameKey)).size, group.join()).toBe(1);
  expect(findCollisions(['a', 'Fit', 'b', 'fit', 'B', 'a'])).toEqual([
    ['Fit', 'fit'],
    ['b', 'B'],
  ]);
  expect(findCollisions(fineNames)).toEqual([]);
});

it('the key of a name is that of its key, of its upper and of its lower case', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(nameKey(nameKey(name))).toBe(nameKey(name));
      expect(nameKey(name.toUpperCase())).toBe(nameKey(name));
      expect(nameKey(name.toLowerCase())).toBe(nameKey(name));
    }),
  );
});

it('no letter of Unicode has another key than its upper case, its lower case or its decomposed form', () => {
  const odd: string[] = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const letter = String.fromCodePoint(point);
    const key = nameKey(letter);
    const forms = [letter.toUpperCase(), letter.toLowerCase(), letter.normalize('NFD'), key];
    if (forms.some((form) => nameKey(form) !== key)) odd.push(letter);
  }
  expect(odd).toEqual([]);
});

it('a name in a message is cut when it is long', () => {
  expect(quoteName('x'.repeat(1000)).length).toBeLessThan(90);
  expect(quoteName('a\u202eb\n')).toBe("'a\\u{202e}b\\u{a}'");
});
