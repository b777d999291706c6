import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Accepted } from '@crystallize/core';
import type { ConfigChoice } from '../../config/find-config.ts';
import type { ExecutorOptions } from './executor-options.ts';

/** What `crystallize run` was told. */
export interface RunCommandOptions extends ExecutorOptions {
  /** A path; `false`: none is to be used. */
  readonly config?: ConfigChoice;
  /** Where runs are kept: a folder or a URL. */
  readonly store?: string | undefined;
  readonly experiment?: string | undefined;
  readonly replicates?: number | undefined;
  readonly treatment?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly resume?: boolean | undefined;
  /** The version to resume. */
  readonly fromVersion?: number | undefined;
  readonly accept?: readonly Accepted[] | undefined;
  /** Tell what a resume would do, and run nothing. */
  readonly explain?: boolean | undefined;
  readonly failFast?: boolean | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly json?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

// As keys, so that the compiler misses none.
const ACCEPTED: Readonly<Record<Accepted, true>> = {
  code: true,
  params: true,
  datasource: true,
  seed: true,
  inputs: true,
};

/** Adds kinds of differences, from `code` or `code,params`, to those before. @throws InvalidArgumentError */
export function acceptedKinds(text: string, before: readonly Accepted[] = []): readonly Accepted[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  if (kinds.every(isAccepted)) return [...new Set([...before, ...kinds])];
  throw new InvalidArgumentError(`It takes what may differ: ${Object.keys(ACCEPTED).join(', ')}.`);
}

/** What is asked of a resume but not of a run that starts anew; `undefined` where all fits together. */
export function misplacedOption({
  resume,
  explain,
  fromVersion,
  accept,
}: RunCommandOptions): string | undefined {
  if (resume || explain) return undefined;
  if (fromVersion !== undefined) return '--from-version';
  return accept === undefined ? undefined : '--accept';
}

function isAccepted(kind: string): kind is Accepted {
  return Object.hasOwn(ACCEPTED, kind);
}
