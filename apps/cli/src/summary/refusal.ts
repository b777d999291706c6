import type { Difference } from '@crystallize/core';
import { plainText } from '../text/plain-text.ts';
import { codeOf } from './exit-code-of.ts';

/** A resume that was refused. */
export interface Refusal {
  /** What can't go on. */
  readonly lead: string;
  readonly differences: readonly Difference[];
}

/** Why a resume was refused; `undefined` for every other error. It may come from another copy of core. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (codeOf(error) !== 'RESUME_MISMATCH' || !(error instanceof Error)) return undefined;
  if (!('differences' in error && Array.isArray(error.differences))) return undefined;
  // The rest of the message lists them too, and advises in the words of the API.
  const [lead = ''] = plainText(error.message).split('\n');
  const differences = error.differences.map(
    ({ kind, message }): Difference => ({ kind, message: String(message), accepted: false }),
  );
  return differences.length > 0 ? { lead, differences } : undefined;
}
