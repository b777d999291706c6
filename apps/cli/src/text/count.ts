/** `1 cell`, `2 cells`, `12,345 cells`. */
export function count(number: number, noun: string, plural: string = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

/** A whole number with commas between its thousands. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Names as they stand in a sentence: `'a', 'b' and 3 more`. */
export function listed(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map((name) => `'${name}'`);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
