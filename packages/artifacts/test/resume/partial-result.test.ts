import { ArtifactPlugin } from '@crystallize/artifacts';
import { CellFailedError, partialResult, type Result } from '@crystallize/core';
import { expect, it } from 'vitest';
import { tempFolder } from '../plugin/temp-folder.ts';
import { counted, total } from './counted.ts';

it('what an aborted run had finished can be had from its error', async () => {
  await using folder = await tempFolder();
  const { experiment, abortAfter } = counted({ plugin: new ArtifactPlugin({ rootDir: folder.path }) });
  const abort = abortAfter(3);
  const error = await experiment.run(abort.options).catch((thrown: unknown) => thrown);
  expect(error).toBe(abort.reason);
  const partial = partialResult(error);
  expect(partial?.executed).toBeGreaterThanOrEqual(3);
  expect([partial?.status, partial?.error, partial?.hypotheses]).toEqual(['failed', abort.reason, []]);
  expect(partial?.rows().length).toBe((partial?.executed ?? 0) * 2);
  expect(typeof (await partial?.artifact(total)?.load())).toBe('number');
  expect((error as { partialResult?: Result }).partialResult).toBe(partial);
  expect(Object.keys(abort.reason)).toEqual([]);
});

it('a run that failed fast gives what had finished before', async () => {
  await using folder = await tempFolder();
  const { experiment } = counted({
    plugin: new ArtifactPlugin({ rootDir: folder.path }),
    inCell: ({ replicate }) => {
      if (replicate === 1) throw new Error('no luck');
    },
  });
  const error = await experiment.run({ failFast: true }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CellFailedError);
  const partial = partialResult(error);
  expect(partial?.baseline.metrics['total']?.length).toBeGreaterThanOrEqual(1);
  expect(partial?.errors.length).toBeGreaterThanOrEqual(1);
});

it('a resume that is aborted gives what was restored as well', async () => {
  await using folder = await tempFolder();
  const { experiment, abortAfter } = counted({
    plugin: new ArtifactPlugin({ rootDir: folder.path }),
    replicates: 4,
  });
  const first = abortAfter(2);
  await expect(experiment.run(first.options)).rejects.toBe(first.reason);
  const second = abortAfter(1);
  const error = await experiment
    .run({ strategy: 'resume', ...second.options })
    .catch((thrown: unknown) => thrown);
  const partial = partialResult(error);
  expect(partial?.restored).toBeGreaterThanOrEqual(2);
  expect(partial?.executed).toBeGreaterThanOrEqual(1);
  expect(partial?.rows().length).toBe(2 * ((partial?.restored ?? 0) + (partial?.executed ?? 0)));
});

it('an error that no run has rejected with has none', () => {
  expect(partialResult(new Error('other'))).toBeUndefined();
  expect(partialResult('text')).toBeUndefined();
});
