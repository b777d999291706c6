import type { Report, Table, Target } from './report.ts';
import { formatNumber } from './spread.ts';

/** The report as text: its tables in columns, then each target with what was measured. */
export function formatReport({ title, method, tables, targets }: Report): string {
  const parts = [`\n${title}\n${'═'.repeat(title.length)}`, method, ...tables.map(formatTable)];
  if (targets.length > 0) parts.push(targets.map(formatTarget).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

/** Whether what was measured keeps to the limit. */
export function isMet({ measured, limit }: Target): boolean {
  return measured <= limit;
}

function formatTarget(target: Target): string {
  const unit = target.unit ?? '';
  const verdict = isMet(target) ? 'met   ' : 'MISSED';
  return `${verdict}  ${target.claim}: ${formatNumber(target.measured)}${unit}`;
}

function formatTable({ caption, columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const drawn = lines.map((line) =>
    widths.map((width, column) => pad(line[column] ?? '', width, column)).join('   '),
  );
  drawn.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('   '));
  return [...(caption === undefined ? [] : [caption]), ...drawn].map((line) => line.trimEnd()).join('\n');
}

/** The first column names things, the others hold figures. */
function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
