import { plainText } from './plain-text.ts';

/** What a shell reads as it stands. */
const PLAIN = /^[\w%+:,./-][\w%+:,./=@-]*$/;

/**
 * Words as a command that can be pasted into a shell. `undefined` where a word holds what can't be
 * shown, so that what is read would not be what is run.
 */
export function commandLine(
  words: readonly string[],
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (words.some((word) => plainText(word) !== word || word.includes('\n'))) return undefined;
  return words.map((word) => (PLAIN.test(word) ? word : quoted(word, platform))).join(' ');
}

function quoted(word: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return `"${word.replaceAll('"', '\\"')}"`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
