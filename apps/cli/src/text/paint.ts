import { styleText } from 'node:util';

/** What a piece of text is for; nobody else names colours. */
export type Tone = 'strong' | 'faint' | 'good' | 'bad' | 'warning' | 'accent';

/** Colours text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const FORMATS = {
  strong: 'bold',
  faint: 'dim',
  good: 'green',
  bad: 'red',
  warning: 'yellow',
  accent: 'cyan',
} as const;

/** Leaves all text as it is. */
export const noPaint: Paint = (_tone, text) => text;

/** Colours all text. */
export const colourPaint: Paint = (tone, text) =>
  text === '' ? text : styleText(FORMATS[tone], text, { validateStream: false });
