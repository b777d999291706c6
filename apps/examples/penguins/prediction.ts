import type { MeasuredPenguin } from './measured-penguin.ts';
import { classify, type NearestNeighbours } from './nearest-neighbours.ts';
import type { Species } from './penguin.ts';

/** What a model says of a penguin whose species is known. */
export interface Prediction {
  /** Line of `penguins.csv`. */
  readonly line: number;
  readonly species: Species;
  readonly predicted: Species;
}

export function predict(model: NearestNeighbours, penguins: readonly MeasuredPenguin[]): Prediction[] {
  return penguins.map(({ line, species, measurements }) => ({
    line,
    species,
    predicted: classify(model, measurements),
  }));
}

/** The share that is right. */
export function accuracy(predictions: readonly Prediction[]): number {
  return predictions.filter(({ species, predicted }) => species === predicted).length / predictions.length;
}

/** Of the penguins of a species, the share that is recognised; NaN when there are none. */
export function recall(predictions: readonly Prediction[], species: Species): number {
  return accuracy(predictions.filter((prediction) => prediction.species === species));
}

/** A table for people and spreadsheets; no cell needs quotes. */
export function predictionsCsv(predictions: readonly Prediction[]): string {
  const rows = predictions.map(({ line, species, predicted }) => `${line},${species},${predicted}`);
  return `${['line,species,predicted', ...rows].join('\n')}\n`;
}
