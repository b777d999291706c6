import type { PruneReport } from '@crystallize/artifacts';
import { byteSize, exactByteSize } from '../text/byte-size.ts';
import { count } from '../text/count.ts';
import { plainLine, plainText } from '../text/plain-text.ts';
import { wrap } from '../text/width.ts';
import { type StoredStyle, shortPath } from './stored-style.ts';

type PrunedVersion = PruneReport['versions'][number];

/** How a report is shown. */
export interface PruneStyle extends StoredStyle {
  /** Each artifact with its size. */
  readonly verbose: boolean;
}

const INDENT = '  ';

/** What was or would be removed, version by version and why, what was left alone, what went wrong, and what that frees. */
export function pruneLines(report: PruneReport, style: PruneStyle): readonly string[] {
  const { dryRun, artifacts, bytes, versions, troubles, notes } = report;
  const pruned = versions.filter((version) => version.artifacts.length > 0);
  const total =
    artifacts === 0
      ? `nothing ${dryRun ? 'would be' : 'was'} removed`
      : `${dryRun ? 'would remove' : 'removed'} ${count(artifacts, 'artifact')} of ${count(pruned.length, 'run')}: ${exactByteSize(bytes)}`;
  return [
    ...versions.flatMap((version) => [...versionLines(version, dryRun, style), '']),
    ...troubles.flatMap((trouble) => [...troubleLines(trouble, style), '']),
    ...notes.flatMap((note) => [...wrap(plainText(note), style.width), '']),
    `${total}${dryRun ? '; this was a dry run' : ''}`,
  ];
}

function troubleLines(
  { experiment, message }: PruneReport['troubles'][number],
  { width, paint }: PruneStyle,
): readonly string[] {
  const lines = wrap(plainText(message), width - INDENT.length);
  return [
    `${paint('strong', plainLine(experiment))}: not looked at`,
    ...lines.map((line) => paint('bad', INDENT + line)),
  ];
}

function versionLines(version: PrunedVersion, dryRun: boolean, style: PruneStyle): readonly string[] {
  const { experiment, reason, artifacts, bytes, chainedBy, left, trouble } = version;
  const { width, paint, verbose } = style;
  const name = paint('strong', `${plainLine(experiment)} v${version.version}`);
  const inner = (text: string) => wrap(plainText(text), width - INDENT.length).map((line) => INDENT + line);
  const amount = `${count(artifacts.length, 'artifact')}, ${byteSize(bytes)}`;
  if (left !== undefined) return [`${name}: ${paint('warning', 'left alone')}`, ...inner(left)];
  const readers = chainedBy.map(plainLine).join(', ');
  return [
    `${name}: ${amount} ${dryRun ? 'would be removed' : 'removed'}`,
    ...inner(reason),
    ...(chainedBy.length > 0
      ? inner(`read by ${readers}, which ${dryRun ? 'would keep' : 'keeps'} its results`)
      : []),
    ...(trouble === undefined ? [] : inner(`not finished: ${trouble}`).map((line) => paint('bad', line))),
    ...(verbose
      ? artifacts.map(({ path, size }) => `${INDENT}${shortPath(path, style)}  ${byteSize(size)}`)
      : []),
  ];
}
