import { ArtifactNotFoundError } from '../errors/storage-errors.ts';
import type { ArtifactPlace } from './layout.ts';
import { quoteName } from './names.ts';
import type { SavedArtifactTarget } from './saved-run.ts';

/** What is known where an artifact is missing. */
export interface Surroundings {
  /** The experiment and version. */
  readonly run: string;
  /** The path or key that was looked at. */
  readonly path: string;
  readonly reason: string | undefined;
  /** All artifacts of the version. */
  readonly existing: readonly ArtifactPlace[];
}

/** The error for an artifact that is not there, with the nearest that is. */
export function artifactNotFound(target: SavedArtifactTarget, around: Surroundings): ArtifactNotFoundError {
  const step = target.step === undefined ? '' : ` of the step ${quoteName(target.step)}`;
  const cell = `replicate ${target.replicate} of ${quoteName(target.condition)}`;
  const reason = around.reason ? ` ${around.reason}` : '';
  return new ArtifactNotFoundError(
    `${around.run} has no artifact ${quoteName(target.name)}${step} for ${cell}: looked at ${around.path}.${reason} ${nearest(target, around.existing)}`,
  );
}

function nearest(target: SavedArtifactTarget, existing: readonly ArtifactPlace[]): string {
  if (existing.length === 0) return 'This version holds no artifacts at all.';
  const replicate = existing.filter((place) => place.replicate === target.replicate);
  if (replicate.length === 0)
    return `Of these replicates there are artifacts: ${enumerate(existing.map((place) => place.replicate))}.`;
  const cell = replicate.filter((place) => place.condition === target.condition);
  if (cell.length === 0) {
    return `Replicate ${target.replicate} has artifacts of these conditions: ${enumerate(replicate.map((place) => quoteName(place.condition)))}.`;
  }
  const step = cell.filter((place) => place.step === target.step && place.name !== target.name);
  if (step.length > 0) return `That step wrote: ${enumerate(step.map((place) => quoteName(place.name)))}.`;
  return `That cell has: ${enumerate(cell.map((place) => `${quoteName(place.name)} of the step ${quoteName(place.step)}`))}.`;
}

const most = 8;

function enumerate(items: readonly (string | number)[]): string {
  const distinct = [...new Set(items)];
  const shown = distinct.slice(0, most).join(', ');
  return distinct.length > most ? `${shown} and ${distinct.length - most} more` : shown;
}
