import { isPlainObject } from '../context/freeze.ts';
import type { Tags } from '../plugin/records.ts';
import { checkName } from '../storage/names.ts';
import { decodeExact, type ExactValue, encodeExact } from './exact-value.ts';

/** @internal What a step did with its context's keys, in the order in which it did. */
export type KeyUse = readonly ['get' | 'has', key: string] | readonly ['add', key: string, value: unknown];

/** @internal An artifact as the cache knows it. */
export interface CachedArtifact {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** @internal Everything that a step did, to be done again without it. */
export interface CachedStep {
  readonly output: unknown;
  readonly uses: readonly KeyUse[];
  readonly metrics: readonly { readonly metric: string; readonly value: unknown; readonly tags?: Tags }[];
  readonly artifacts: readonly CachedArtifact[];
}

/**
 * @internal A step as data for JSON.
 * @param key - Of the entry, so that one that lies in another's place is noticed.
 * @throws UnsupportedValueError when a value of it has no exact form.
 */
export function encodeCachedStep(key: string, step: CachedStep): object {
  return {
    key,
    output: encodeExact(step.output),
    uses: step.uses.map((use) => (use[0] === 'add' ? [use[0], use[1], encodeExact(use[2])] : use)),
    metrics: step.metrics.map(({ metric, value, tags }) => [
      metric,
      encodeExact(value),
      ...(tags === undefined ? [] : [encodeExact(tags)]),
    ]),
    artifacts: step.artifacts.map(({ name, size, sha256 }) => [name, size, sha256]),
  };
}

/** @internal What {@link encodeCachedStep} was given; `undefined` when the data is no such thing. */
export function decodeCachedStep(key: string, data: unknown): CachedStep | undefined {
  if (!isPlainObject(data) || data['key'] !== key) return undefined;
  const { output, uses, metrics, artifacts } = data;
  if (!isPlainObject(output) || !isTable(uses) || !isTable(metrics) || !isTable(artifacts)) return undefined;
  try {
    return {
      output: decodeExact(output as unknown as ExactValue),
      uses: uses.map(([kind, name, value]) =>
        kind === 'add' ? [kind, name, decodeExact(value as ExactValue)] : [kind, name],
      ) as unknown as KeyUse[],
      metrics: metrics.map(([metric, value, tags]) => ({
        metric: metric as string,
        value: decodeExact(value as ExactValue),
        ...(tags === undefined ? {} : { tags: decodeExact(tags as ExactValue) as Tags }),
      })),
      artifacts: artifacts.map(readArtifact),
    };
  } catch {
    // Sealed, but not of this form: whatever is wrong with it, the step runs and replaces it.
    return undefined;
  }
}

function readArtifact([name, size, sha256]: readonly unknown[]): CachedArtifact {
  const problem = checkName('artifact', name);
  if (problem !== undefined) throw new TypeError(problem);
  return { name: name as string, size: Number(size), sha256: String(sha256) };
}

function isTable(value: unknown): value is readonly (readonly unknown[])[] {
  return Array.isArray(value) && value.every((row) => Array.isArray(row));
}
