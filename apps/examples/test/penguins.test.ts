import { readFile } from 'node:fs/promises';
import { readCsv } from '@crystallize/datasources';
import { expect, test } from 'vitest';
import { makePenguinsCsv } from '../penguins/make-penguins-csv.ts';
import { measuredPenguins } from '../penguins/measured-penguin.ts';
import { classify, fitNearestNeighbours } from '../penguins/nearest-neighbours.ts';
import { Penguin, type Species } from '../penguins/penguin.ts';
import { accuracy, recall } from '../penguins/prediction.ts';

const file = new URL('../penguins/penguins.csv', import.meta.url);

test('penguins.csv is the data of vega-datasets, nothing left out and nothing mended', async () => {
  expect(await readFile(file, 'utf8')).toBe(await makePenguinsCsv());
});

test('missing values are null, and only penguins without measurements are left out', async () => {
  const penguins = await readCsv(file, { schema: Penguin });
  expect(penguins).toHaveLength(344);
  expect(penguins.filter((penguin) => Object.values(penguin).includes(null))).toHaveLength(11);
  const measured = measuredPenguins(penguins);
  expect(measured).toHaveLength(342);
  const lines = new Set(measured.map(({ line }) => line));
  const text = (await readFile(file, 'utf8')).split('\n');
  const leftOut = text.slice(1, 345).filter((_, index) => !lines.has(index + 2));
  expect(leftOut).toEqual(['Adelie,Torgersen,,,,,', 'Gentoo,Biscoe,,,,,']);
});

const penguin = (line: number, species: Species, ...measurements: number[]) => ({
  line,
  species,
  measurements,
});

test('k neighbours vote, and the nearer wins a tie', () => {
  const known = [
    penguin(2, 'Adelie', 0),
    penguin(3, 'Gentoo', 2),
    penguin(4, 'Gentoo', 3),
    penguin(5, 'Chinstrap', 9),
  ];
  const asked = (k: number, at: number) => classify(fitNearestNeighbours(known, { k, scaled: false }), [at]);
  expect(asked(1, 0.9)).toBe('Adelie');
  expect(asked(2, 0.9)).toBe('Adelie');
  expect(asked(3, 0.9)).toBe('Gentoo');
  expect(() => asked(0, 0)).toThrow('k = 0 has no neighbours');
});

test('scaling makes the units of a measurement irrelevant', () => {
  const known = [
    penguin(2, 'Adelie', 1, 3000),
    penguin(3, 'Gentoo', 2, 3100),
    penguin(4, 'Chinstrap', 3, 5000),
  ];
  const inKilograms = known.map((each) => ({
    ...each,
    measurements: each.measurements.map((value, index) => (index === 1 ? value / 1000 : value)),
  }));
  const scaled = fitNearestNeighbours(known, { k: 1, scaled: true });
  const scaledInKilograms = fitNearestNeighbours(inKilograms, { k: 1, scaled: true });
  for (const [length, mass] of [
    [1, 3090],
    [2.6, 3000],
    [3, 4000],
  ] as const) {
    expect(classify(scaled, [length, mass])).toBe(classify(scaledInKilograms, [length, mass / 1000]));
  }
  const plain = fitNearestNeighbours(known, { k: 1, scaled: false });
  expect([classify(plain, [1, 3090]), classify(scaled, [1, 3090])]).toEqual(['Gentoo', 'Adelie']);
});

test('accuracy counts all penguins, recall those of one species', () => {
  const predictions = [
    { line: 2, species: 'Adelie', predicted: 'Adelie' },
    { line: 3, species: 'Adelie', predicted: 'Gentoo' },
    { line: 4, species: 'Gentoo', predicted: 'Gentoo' },
    { line: 5, species: 'Gentoo', predicted: 'Gentoo' },
  ] as const;
  expect(accuracy(predictions)).toBe(0.75);
  expect(recall(predictions, 'Adelie')).toBe(0.5);
  expect(recall(predictions, 'Gentoo')).toBe(1);
  expect(recall(predictions, 'Chinstrap')).toBeNaN();
});
