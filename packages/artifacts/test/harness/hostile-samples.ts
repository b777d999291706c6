import fc from 'fast-check';
import { hostileParts, hostilePaths, layoutNames } from '../../../core/test/storage/hostile-names.ts';
import { figures } from './figures.ts';

/** What names are put together from that is likely to be mistaken for something else. */
const pieces = [
  ...['.', '..', '/', '\\', ':', '~', '%2e', '%2F', '*', '?', '"', '<', '>', '|', ' ', '\0', '\n', '\t'],
  ...['\u200b', '\u0301', '\u202e', '\ufeff', '\u00a0', '\ud800', '\udc00', '\u{e000}', '\u{1f40d}'],
  ...[
    'CON',
    'aux',
    'nul.',
    'COM1',
    'lpt¹',
    '.crystallize',
    '.crystallize-tmp-',
    'replicate_0',
    'v0',
    'baseline',
  ],
  ...[
    'a',
    'A',
    'é',
    'e\u0301',
    'ß',
    'ſ',
    'ı',
    'İ',
    'ﬁ',
    'Σ',
    'ς',
    'K',
    '1',
    '-',
    '_',
    '__proto__',
    '$x',
    "'",
  ],
];

/** Names that could do harm somewhere, and others that only look so. */
export function hostileSamples(): readonly string[] {
  const made = fc.sample(
    fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
    { numRuns: figures.names, seed: figures.seed },
  );
  return [...new Set([...Object.values(hostileParts).flat(), ...hostilePaths, ...layoutNames, ...made])];
}
