/** Makes `penguins.csv` from the copy of the data in the package vega-datasets: `node penguins/make-penguins-csv.ts`. */
import { readFile, writeFile } from 'node:fs/promises';

const COLUMNS = {
  species: 'Species',
  island: 'Island',
  bill_length_mm: 'Beak Length (mm)',
  bill_depth_mm: 'Beak Depth (mm)',
  flipper_length_mm: 'Flipper Length (mm)',
  body_mass_g: 'Body Mass (g)',
  sex: 'Sex',
};

/** The data as CSV, nothing left out and nothing mended: what is missing becomes an empty cell. */
export async function makePenguinsCsv(): Promise<string> {
  const source = new URL('../data/penguins.json', import.meta.resolve('vega-datasets'));
  const records = JSON.parse(await readFile(source, 'utf8')) as Record<string, string | number | null>[];
  const cells = records.map((record) => Object.values(COLUMNS).map((column) => record[column] ?? ''));
  return `${[Object.keys(COLUMNS), ...cells].map((row) => row.join(',')).join('\n')}\n`;
}

if (import.meta.main) await writeFile(new URL('penguins.csv', import.meta.url), await makePenguinsCsv());
