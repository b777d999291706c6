import { ArtifactPlugin, type ArtifactStore, fsStore, memoryStore, openRuns } from '@crystallize/artifacts';
import {
  Artifact,
  CrystallizeError,
  datasource,
  Experiment,
  pipelineStep,
  treatment,
} from '@crystallize/core';
import { type FileSystem, nameKey } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { fineNames, hostileParts } from '../../../core/test/storage/hostile-names.ts';
import { nodesOf } from '../harness/disk-node.ts';
import { figures } from '../harness/figures.ts';
import { foldingFs } from '../harness/folding-file-system.ts';
import { hostileSamples } from '../harness/hostile-samples.ts';
import { diskRoot, MemoryDisk } from '../harness/memory-disk.ts';
import { noteFigure } from '../harness/note-figure.ts';

/** Names that no part of any path may have. */
const neverKept: ReadonlySet<string> = new Set(Object.values(hostileParts).flat());

type Position = 'experiment' | 'condition' | 'step' | 'artifact';

/** A place for runs, with what can be seen of it from outside. */
interface Place {
  readonly store: ArtifactStore;
  /** Every path on the disk, that of the store among them. */
  readonly paths: () => readonly string[];
}

function onDisk(wrap: (disk: MemoryDisk) => FileSystem): Place {
  const disk = new MemoryDisk();
  const store = fsStore(`${diskRoot}/store`, { fs: wrap(disk) });
  return { store, paths: () => [...nodesOf(disk.root)].map(([path]) => path) };
}

const places: readonly (readonly [title: string, make: () => Place])[] = [
  ['files', () => onDisk((disk) => disk)],
  ['files whose names differ in more than case', () => onDisk((disk) => foldingFs(disk, 'as given'))],
  ['files whose names are kept decomposed', () => onDisk((disk) => foldingFs(disk, 'decomposed'))],
  ['memory', () => ({ store: memoryStore(), paths: () => [] })],
];

function experimentOf(store: ArtifactStore, names: Partial<Record<Position, string>>, further?: string) {
  const { experiment = 'named', condition = 'other', step = 'step', artifact = 'output.json' } = names;
  const conditions = further === undefined ? [condition] : [condition, further];
  return new Experiment({
    name: experiment,
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [
      pipelineStep({
        name: step,
        async run(_: number, ctx) {
          await new Artifact(artifact).write(`${ctx.condition}: ${artifact}`);
        },
      })(),
    ],
    treatments: conditions.map((name) => treatment(name, {})),
    plugins: [new ArtifactPlugin({ store, versioned: true })],
    module: import.meta.url,
  });
}

describe.each(places)('kept in %s', (_title, make) => {
  it.each(['experiment', 'condition', 'step', 'artifact'] as const)(
    'a name of %s is refused before anything is written, or kept exactly',
    async (position) => {
      const hostile = hostileSamples();
      let kept = 0;
      for (const name of [...hostile, ...fineNames]) {
        // A treatment of that name is no condition of its own.
        if (position === 'condition' && name === 'baseline') continue;
        const { store, paths } = make();
        const said = JSON.stringify(name);
        const result = await experimentOf(store, { [position]: name })
          .run()
          .catch((error: unknown) => error);
        expect(
          paths().filter((path) => path !== 'store' && !path.startsWith('store/')),
          said,
        ).toEqual([]);
        if (result instanceof Error) {
          expect(result, said).toBeInstanceOf(CrystallizeError);
          expect(paths(), said).toEqual([]);
          expect(fineNames, said).not.toContain(name);
          continue;
        }
        const { errors } = result as { readonly errors: readonly Error[] };
        // The name of an artifact that is not declared is known only when it is written.
        if (errors.length > 0) {
          expect(position, said).toBe('artifact');
          expect(
            errors.map(({ cause }) => (cause as CrystallizeError).code),
            said,
          ).toEqual(['NAME_UNSAFE', 'NAME_UNSAFE']);
          expect(
            paths().filter((path) => /replicate_/.test(path)),
            said,
          ).toEqual([]);
          continue;
        }
        kept += 1;
        expect(neverKept.has(name), said).toBe(false);
        const directory = position === 'experiment' ? name : 'named';
        const [version] = await openRuns({ store }).experiment(directory).versions();
        const artifacts = (await version?.artifacts()) ?? [];
        expect(
          artifacts.map((one) => one.condition),
          said,
        ).toEqual(['baseline', position === 'condition' ? name : 'other']);
        for (const one of artifacts) {
          if (position === 'step') expect(one.step).toBe(name);
          if (position === 'artifact') expect(one.name).toBe(name);
          expect(await one.text(), said).toBe(`${one.condition}: ${one.name}`);
        }
      }
      noteFigure('names', hostile.length);
      expect(hostile.length).toBeGreaterThanOrEqual(300);
      expect(kept).toBeGreaterThanOrEqual(fineNames.length - 1);
      expect(kept).toBeLessThan(hostile.length / 2);
    },
    figures.patience,
  );

  it('two conditions are refused when some system takes them for one, else both are kept', async () => {
    const variants = fineNames.flatMap((name) => [
      [name, name.toUpperCase()],
      [name, name.toLowerCase()],
      [name, `${name}x`],
      [name, name.normalize('NFKC')],
    ]) as readonly (readonly [string, string])[];
    let refused = 0;
    for (const [first, second] of variants) {
      if (first === second || first === 'baseline') continue;
      const { store, paths } = make();
      const said = JSON.stringify([first, second]);
      const result = await experimentOf(store, { condition: first }, second)
        .run()
        .catch((error: unknown) => error);
      if (result instanceof Error) {
        refused += 1;
        expect(paths(), said).toEqual([]);
        continue;
      }
      expect(nameKey(first), said).not.toBe(nameKey(second));
      const [version] = await openRuns({ store }).experiment('named').versions();
      const texts = await Promise.all(((await version?.artifacts()) ?? []).map((one) => one.text()));
      expect(texts.sort(), said).toEqual(
        ['baseline', first, second].map((one) => `${one}: output.json`).sort(),
      );
    }
    expect(refused).toBeGreaterThan(10);
  });
});
