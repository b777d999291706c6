import type { Verification } from '@crystallize/artifacts';
import { exactByteSize } from '../text/byte-size.ts';
import { count } from '../text/count.ts';
import { duration } from '../text/duration.ts';
import { plainLine, plainText } from '../text/plain-text.ts';
import { wrap } from '../text/width.ts';
import type { StoredStyle } from './stored-style.ts';
import { shortPath } from './stored-style.ts';

type Fault = Verification['faults'][number];

const INDENT = '  ';

/** What is wrong with stored runs, by version, then what to know beside that, and how much was checked. */
export function verificationLines(
  { faults, notes, experiments, versions, artifacts, bytes }: Verification,
  /** Milliseconds. */
  elapsed: number,
  style: StoredStyle,
): readonly string[] {
  const { width, paint } = style;
  const sections = [...byVersion(faults)].map(([title, group]) => [
    paint('strong', title),
    ...group.flatMap((fault) => faultLines(fault, style)),
  ]);
  if (notes.length > 0) {
    const items = notes.flatMap((note) =>
      wrap(plainText(note), width - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
    );
    sections.push([paint('strong', 'notes'), ...items]);
  }
  const scope = `${count(versions, 'run')} of ${count(experiments, 'experiment')}`;
  const checked = `${count(artifacts, 'artifact')}, ${exactByteSize(bytes)}, checked in ${duration(elapsed)}`;
  const verdict = faults.length === 0 ? 'no fault' : count(faults.length, 'fault');
  return [
    ...sections.flatMap((lines) => [...lines, '']),
    `${scope}: ${checked}: ${paint(faults.length === 0 ? 'good' : 'bad', verdict)}`,
  ];
}

function byVersion(faults: readonly Fault[]): ReadonlyMap<string, readonly Fault[]> {
  const groups = new Map<string, Fault[]>();
  for (const fault of faults) {
    const version = fault.version === undefined ? '' : ` v${fault.version}`;
    const title = `${plainLine(fault.experiment)}${version}`;
    const group = groups.get(title);
    if (group) group.push(fault);
    else groups.set(title, [fault]);
  }
  return groups;
}

function faultLines({ kind, path, message }: Fault, style: StoredStyle): readonly string[] {
  const { width, paint } = style;
  return [
    // A path stays in one line, so that it can be copied.
    `${INDENT}${paint('bad', `${kind}:`)} ${shortPath(path, style)}`,
    ...wrap(plainText(message), width - 4).map((line) => `${INDENT}${INDENT}${line}`),
  ];
}
