import { expect } from 'vitest';
import { cells } from '../children/cells.ts';
import { WorkFolder } from './work-folder.ts';

/** What a serial run of the cells gives, by condition. */
export async function serialValues(
  replicates: number,
): Promise<Record<'baseline' | 'more', readonly number[]>> {
  await using folder = await WorkFolder.make();
  await cells({ folder: folder.path, replicates, stores: false }).run();
  return { baseline: await folder.results('baseline'), more: await folder.results('more') };
}

/** That what is stored is, to the bit and to the file, what a serial run gives. */
export async function expectAll(folder: WorkFolder, replicates: number): Promise<void> {
  const serial = await serialValues(replicates);
  for (const condition of ['baseline', 'more'] as const) {
    expect(await folder.results(condition)).toEqual(serial[condition]);
    expect(await folder.files(condition, replicates)).toEqual(serial[condition]);
  }
}
