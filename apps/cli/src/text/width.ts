import stringWidth from 'fast-string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns that text without control sequences takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Text cut to fit, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  return `${fitting(text, width - 1).trimEnd()}…`;
}

/** Text filled up with spaces. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? text + fill : fill + text;
}

/**
 * Text in lines that fit, broken at spaces or after `,` `/` and `-`, and inside a word where there is no
 * such place. Line breaks of the text stay.
 */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const piece of paragraph.match(/[^\s,/-]*[,/-]+|[^\s,/-]+|\s+/g) ?? []) {
      if (widthOf(line) + widthOf(piece.trimEnd()) <= room) {
        line += piece;
        continue;
      }
      if (line.trim() !== '') lines.push(line.trimEnd());
      line = piece.trimStart();
      while (widthOf(line) > room) {
        const head = fitting(line, room) || line;
        lines.push(head);
        line = line.slice(head.length);
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** As much of the beginning as fits; never half of a character. */
function fitting(text: string, width: number): string {
  let taken = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width) break;
    taken += segment;
  }
  return taken;
}
