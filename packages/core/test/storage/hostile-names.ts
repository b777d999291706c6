/** One code point as text. */
const char = (code: number): string => String.fromCodePoint(code);
const inside = (codes: readonly number[]): string[] => codes.map((code) => `a${char(code)}b`);

const devices = [
  'con',
  'prn',
  'aux',
  'nul',
  'conin$',
  'conout$',
  'com0',
  'com1',
  'com9',
  'lpt1',
  'lpt9',
  'com¹',
  'com²',
  'lpt³',
];

/** Names that no part of any path may have, by what is wrong with them. */
export const hostileParts: Readonly<Record<string, readonly string[]>> = {
  'another folder': ['', '.', '..'],
  separators: ['a\\b', '\\', '\\\\?\\C:\\x', '..\\..\\x', 'a\\..\\b', '\\\\server\\share'],
  'drives and schemes': ['C:', 'C:x', 'c:\\x', 'file:x', 'http:', 'a:stream', 'x::$DATA'],
  'control characters': inside([0, 1, 7, 8, 9, 10, 13, 27, 31, 127, 0x80, 0x85, 0x9f]),
  'invisible characters': inside([
    0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x2060, 0x2063, 0x3164,
    0xfe00, 0xfe0f, 0xfeff, 0xffa0, 0xe0001, 0xe0020, 0xe0100,
  ]),
  'changes of direction': inside([
    0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
  ]),
  'odd spaces': inside([0xa0, 0x1680, 0x2000, 0x2003, 0x2009, 0x202f, 0x205f, 0x3000, 0x2028, 0x2029]),
  'half surrogate pairs': ['\ud800', 'a\udfff', '\udc00\ud800', 'a\ud83d'],
  'characters that are none': inside([0x378, 0xe000, 0xfffe, 0xffff, 0xf0000, 0x10ffff]),
  'other than composed': ['e\u0301lan', 'A\u030a', '\u212b', '\u1100\u1161', 'a\u0323\u0307'],
  'what Windows refuses': [
    'a<b',
    'a>b',
    'a"b',
    'a|b',
    'a?b',
    'a*b',
    '*',
    '?',
    'tail.',
    'tail..',
    'tail ',
    ' head',
    '. ',
    'a. ',
  ],
  'devices of Windows': [
    ...devices,
    ...devices.map((name) => name.toUpperCase()),
    ...devices.map((name) => `${name}.txt`),
    'Nul.tar.gz',
    'con .txt',
  ],
  'hidden names': [
    '.git',
    '.env',
    '.crystallize',
    '.crystallize_complete',
    '.crystallize-tmp-1',
    '...',
    '.a',
  ],
  'words of the language': ['__proto__', 'prototype', 'constructor'],
  'too long': ['x'.repeat(129), 'é'.repeat(65), '日'.repeat(43), '🐍'.repeat(33), 'x'.repeat(100_000)],
};

/** Names that are refused where the layout has its own. */
export const layoutNames: readonly string[] = [
  'replicate_0',
  'replicate_12',
  'Replicate_0',
  'REPLICATE_007',
  'v0',
  'v12',
  'V1',
  'results.json',
  'Results.JSON',
  'metadata.json',
  '_manifest.json',
];

/** Names of artifacts that would leave their folder, or have an empty part. */
export const hostilePaths: readonly string[] = [
  '/etc/passwd',
  '/',
  '//server/share',
  'a//b',
  'a/',
  '../x',
  'a/../x',
  'a/..',
  'a/./b',
  './a',
  'a/.hidden',
  'a/nul',
  'a/b./c',
  Array.from({ length: 60 }, () => 'x'.repeat(20)).join('/'),
];

/** Names that people give, and that every system can hold. */
export const fineNames: readonly string[] = [
  'baseline',
  'k=1,lr=0.1',
  'GPT-4o (mini)',
  'élan',
  '日本',
  'Ünïcödé',
  '🐍',
  'a b c',
  '100%',
  '%2e%2e',
  'a..b',
  '~tilde',
  '-dash',
  '_under',
  "it's",
  '#1 & more; [x] {y} $z `q` !',
  'console',
  'con1',
  'com10',
  'v1a',
  'version1',
  'replicate_',
  'replicate_x',
  'x'.repeat(128),
  'é'.repeat(64),
  'İstanbul',
  'ﬁ',
  'toString',
];
