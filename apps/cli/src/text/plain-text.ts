import { stripVTControlCharacters } from 'node:util';

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what it is about
/** OSC, DCS, SOS, PM and APC with what they enclose, ended by BEL or ST; 7 and 8 bit forms. */
const STRINGS = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)/g;

/** C0 and C1 without line breaks and tabs, and what turns the direction of text around. */
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what it is about

/**
 * Text of the user's as it may stand on a terminal: without sequences that could move the cursor, set
 * colours or titles, write the clipboard or hide text. Line breaks stay.
 */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replace(STRINGS, ''))
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replaceAll('\t', '  ')
    .replace(CONTROLS, '');
}

/** {@link plainText} in one line. */
export function plainLine(text: string): string {
  return plainText(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
