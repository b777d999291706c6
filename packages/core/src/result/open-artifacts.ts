import type { Artifact } from '../artifact/artifact.ts';
import { resultArtifact } from '../artifact/result-artifact.ts';
import type { ArtifactSink } from '../plugin/plugin.ts';
import type { RunHandle } from '../plugin/run-handle.ts';
import type { CellStore } from './cell-store.ts';
import type { ResultArtifact } from './result.ts';

/** @internal Handles on every artifact of a run, by replicate, condition and the order of writing. */
export function openArtifacts(
  cells: CellStore,
  run: Pick<RunHandle, 'replicates' | 'conditions'>,
  sink: Pick<ArtifactSink, 'open'>,
  outputs: readonly Artifact<unknown>[],
): readonly ResultArtifact[] {
  const codecs = new Map(outputs.map((output) => [output.name, output]));
  const list: ResultArtifact[] = [];
  for (let replicate = 0; replicate < run.replicates; replicate++) {
    for (const condition of run.conditions) {
      for (const record of cells.artifacts(condition, replicate)) {
        const file = sink.open({ replicate, condition, step: record.step, name: record.name }, record);
        const output = codecs.get(record.name);
        list.push(resultArtifact(file, () => (output ? output.load(file) : file.bytes())));
      }
    }
  }
  return list;
}
