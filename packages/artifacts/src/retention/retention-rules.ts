/** What is to stay. */
export interface Retention {
  /** How many of the newest finished versions stay whole; 0 or less: everything does. */
  readonly newest: number;
  /** In bytes: larger artifacts stay only in the newest finished version. */
  readonly big: number;
}

/** A version, as far as the rules look at it. */
export interface KeptVersion {
  readonly version: number;
  /** Whether `metadata.json` is there. */
  readonly finished: boolean;
}

/** A version that is not to stay whole. */
export interface Condemnation {
  readonly version: number;
  /** Artifacts with more bytes than this go; `undefined`: all of them. */
  readonly over: number | undefined;
  /** For people. */
  readonly reason: string;
}

const mebibyte = 1024 * 1024;

/** The retention that options in MiB stand for. */
export function retentionOf(options: {
  readonly artifactRetention: number;
  readonly bigFileThresholdMb: number;
}): Retention {
  return { newest: options.artifactRetention, big: options.bigFileThresholdMb * mebibyte };
}

/** Which versions lose what, oldest first. Those that have not finished neither count nor lose anything. */
export function condemnedVersions(
  versions: readonly KeptVersion[],
  { newest, big }: Retention,
): readonly Condemnation[] {
  if (newest <= 0) return [];
  const finished = versions.filter((one) => one.finished).sort((a, b) => b.version - a.version);
  const [first, ...others] = finished.map(({ version }) => version);
  const names = newest === 1 ? 'newest finished version' : `newest ${newest} finished versions`;
  const condemned = others.map((version, index): Condemnation => {
    if (index + 1 >= newest) return { version, over: undefined, reason: `it is not among the ${names}` };
    const reason = `artifacts over ${big / mebibyte} MiB stay only in the newest finished version, v${first}`;
    return { version, over: big, reason };
  });
  return condemned.reverse();
}
