import type { Difference } from '@crystallize/core';
import { plainText } from '../text/plain-text.ts';
import { wrap } from '../text/width.ts';

/** Each difference as an item of a list, with what accepts it. */
export function differenceLines(differences: readonly Difference[], width: number): readonly string[] {
  return differences.flatMap(({ kind, message, accepted }) => {
    const mark = accepted ? `accepted: ${kind}` : `--accept ${kind}`;
    return wrap(`${plainText(message)} (${mark})`, width - 2).map(
      (line, index) => `${index === 0 ? '- ' : '  '}${line}`,
    );
  });
}

/** What would have to be accepted, each kind once. */
export function unacceptedKinds(differences: readonly Difference[]): readonly Difference['kind'][] {
  return [...new Set(differences.filter(({ accepted }) => !accepted).map(({ kind }) => kind))];
}
