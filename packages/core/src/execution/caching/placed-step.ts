import type { CachedStep } from '../../cache/cached-step.ts';
import type { ArtifactRecord } from '../../plugin/records.ts';

/** @internal What a step did when it ran, with its artifacts in the place that they have in this cell. */
export interface PlacedStep extends CachedStep {
  readonly placed: readonly ArtifactRecord[];
}
