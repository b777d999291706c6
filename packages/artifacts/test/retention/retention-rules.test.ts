import { describe, expect, test } from 'vitest';
import { condemnedVersions, retentionOf } from '../../src/retention/retention-rules.ts';

/** `+` is a finished version, `-` one that has not finished; `whole`, `small` or `none` is what each keeps. */
const cases: readonly (readonly [versions: string, retention: number, kept: string])[] = [
  ['+++++', 3, 'none none small small whole'],
  ['+++++', 1, 'none none none none whole'],
  ['+++++', 5, 'small small small small whole'],
  ['+++++', 9, 'small small small small whole'],
  ['+++++', 0, 'whole whole whole whole whole'],
  ['+++++', -1, 'whole whole whole whole whole'],
  ['+', 1, 'whole'],
  ['', 3, ''],
  // Runs that have crashed do not count, and lose nothing.
  ['+++--', 2, 'none small whole whole whole'],
  ['-+-+-', 1, 'whole none whole whole whole'],
  ['-----', 1, 'whole whole whole whole whole'],
];

describe('what each version keeps', () => {
  test.each(cases)('%s with a retention of %i: %s', (versions, artifactRetention, kept) => {
    const list = [...versions].map((state, version) => ({ version, finished: state === '+' }));
    const condemned = condemnedVersions(list, retentionOf({ artifactRetention, bigFileThresholdMb: 1 }));
    const told = list.map(({ version }) => {
      const found = condemned.find((one) => one.version === version);
      if (!found) return 'whole';
      expect(found.over).toBeOneOf([undefined, 1024 * 1024]);
      return found.over === undefined ? 'none' : 'small';
    });
    expect(told.join(' ')).toBe(kept);
    const numbers = condemned.map(({ version }) => version);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});
