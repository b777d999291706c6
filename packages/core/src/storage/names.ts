import { UnsafeNameError } from '../errors/storage-errors.ts';
import { problemOfSegment, quoteName } from './name-characters.ts';

export { quoteName } from './name-characters.ts';

/** What a name stands for. Only an artifact's may have `/`, for subfolders. */
export type NameKind = 'experiment' | 'condition' | 'step' | 'artifact';

/** The longest whole name of an artifact, in bytes of UTF-8, so that paths stay within what systems take. */
export const maxArtifactNameBytes = 512;

/**
 * Says what keeps a name from being stored safely on Linux, macOS and Windows, as a sentence that
 * quotes it; `undefined` when nothing does. Every backend and every reader uses this one check.
 *
 * @example
 * checkName('condition', 'k=1,lr=0.1'); // undefined
 * checkName('artifact', '../secret'); // "The artifact name '../secret' …"
 */
export function checkName(kind: NameKind, name: unknown): string | undefined {
  if (typeof name !== 'string') {
    return `A name of ${articles[kind]} must be a string, but this one is ${typeof name}.`;
  }
  const problem = kind === 'artifact' ? problemOfPath(name) : problemOfPart(name, kind);
  return problem && `The ${kind} name ${quoteName(name)} ${problem}`;
}

/**
 * Throws what {@link checkName} says.
 * @throws UnsafeNameError when the name can't be stored safely.
 */
export function assertName(kind: NameKind, name: unknown): asserts name is string {
  const problem = checkName(kind, name);
  if (problem !== undefined) throw new UnsafeNameError(problem);
}

/**
 * What two names have in common when some file system takes them for one: Unicode normalisation C
 * and no difference of case. Letters that full case folding writes out are written out: 'ß', 'ẞ' and
 * 'ss' are one, as APFS has it. NTFS tells them apart; a name that may be one is refused all the same.
 * JavaScript has no case folding: lower case, then upper, then lower unites what full folding does.
 */
export function nameKey(name: string): string {
  // Lower case first: 'ẞ' is upper case already, and only 'ß' becomes 'SS'.
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

/**
 * Groups of different names that some file system takes for one, such as `Fit` and `fit`. A name
 * that is given twice counts once: whether that is allowed is for the caller to say.
 */
export function findCollisions(names: Iterable<string>): readonly (readonly string[])[] {
  const groups = new Map<string, Set<string>>();
  for (const name of names) {
    const key = nameKey(name);
    const group = groups.get(key);
    if (group) group.add(name);
    else groups.set(key, new Set([name]));
  }
  return [...groups.values()].filter((group) => group.size > 1).map((group) => [...group]);
}

const articles: Readonly<Record<NameKind, string>> = {
  experiment: 'an experiment',
  condition: 'a condition',
  step: 'a step',
  artifact: 'an artifact',
};

const layoutName = /^(?:replicate_[0-9]+|v[0-9]+|results\.json|metadata\.json|_manifest\.json)$/i;

function problemOfPath(name: string): string | undefined {
  if (name.startsWith('/')) return `is an absolute path. Use a relative name, such as 'models/best.json'.`;
  if (!name.includes('/')) return problemOfSegment(name);
  const size = Buffer.byteLength(name);
  if (size > maxArtifactNameBytes) {
    return `has ${size} bytes; at most ${maxArtifactNameBytes} are allowed. Use a shorter one.`;
  }
  for (const part of name.split('/')) {
    if (part === '') return 'has nothing between two slashes, or after the last. Take out the extra slash.';
    const problem = problemOfSegment(part);
    if (problem) return problem;
  }
  return undefined;
}

function problemOfPart(name: string, kind: NameKind): string | undefined {
  const problem = problemOfSegment(name);
  if (problem) return problem;
  // An artifact lies below its step, and an experiment in the root: nothing of the layout is beside them.
  if ((kind === 'condition' || kind === 'step') && layoutName.test(name)) {
    return 'is taken by the layout on disk. Use another name.';
  }
  return undefined;
}
