import type { MeasuredPenguin } from './measured-penguin.ts';
import type { Species } from './penguin.ts';

/** A k-nearest-neighbours classifier: the training data itself, in the units that distances are taken in. */
export interface NearestNeighbours {
  readonly k: number;
  /** Subtracted from each measurement; 0 where measurements stay as they are. */
  readonly centre: readonly number[];
  /** Divides each measurement; 1 where measurements stay as they are. */
  readonly spread: readonly number[];
  readonly points: readonly { readonly species: Species; readonly at: readonly number[] }[];
}

/**
 * @param k - How many neighbours vote.
 * @param scaled - Whether each measurement is standardised (its mean 0, its standard deviation 1), so that
 *   4000 g do not outweigh 40 mm.
 */
export function fitNearestNeighbours(
  penguins: readonly MeasuredPenguin[],
  { k, scaled }: { readonly k: number; readonly scaled: boolean },
): NearestNeighbours {
  const dimensions = penguins[0]?.measurements.map((_, index) => index) ?? [];
  const columns = dimensions.map((index) =>
    penguins.map(({ measurements }) => measurements[index] ?? Number.NaN),
  );
  const centre = columns.map((column) => (scaled ? mean(column) : 0));
  const spread = columns.map((column) => (scaled ? standardDeviation(column) : 1));
  const points = penguins.map(({ species, measurements }) => ({
    species,
    at: place(measurements, centre, spread),
  }));
  return { k, centre, spread, points };
}

/** What the k nearest say; where as many say one as the other, what the nearer of them says. */
export function classify(model: NearestNeighbours, measurements: readonly number[]): Species {
  const at = place(measurements, model.centre, model.spread);
  const nearest = model.points
    .map((point) => ({ species: point.species, distance: squaredDistance(point.at, at) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, model.k);
  const votes = new Map<Species, number>();
  for (const { species } of nearest) votes.set(species, (votes.get(species) ?? 0) + 1);
  // The map is in order of distance and the sort is stable, so that the nearer wins a tie.
  const [winner] = [...votes].sort(([, a], [, b]) => b - a);
  if (!winner)
    throw new RangeError(`A model of ${model.points.length} penguins and k = ${model.k} has no neighbours.`);
  return winner[0];
}

function place(
  measurements: readonly number[],
  centre: readonly number[],
  spread: readonly number[],
): number[] {
  return measurements.map((value, index) => (value - (centre[index] ?? 0)) / (spread[index] ?? 1));
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + (value - (b[index] ?? 0)) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
