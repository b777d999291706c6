import { memorySink } from '../artifact/memory-sink.ts';
import type { ArtifactSink, ArtifactTarget } from '../plugin/plugin.ts';
import type { Result } from '../result/result.ts';

/** More than this is not carried: who keeps so much in memory can still give the experiment an ArtifactPlugin. */
const MOST_BYTES = 64 * 1024 * 1024;

/** @internal An artifact that no plugin stores. */
export interface CarriedFile {
  readonly target: ArtifactTarget;
  /** In base64. */
  readonly content: string;
}

/** @internal The artifacts that a result has in the memory of this process. */
export async function carryFiles({ version, artifacts }: Result): Promise<readonly CarriedFile[]> {
  if (version !== undefined) return [];
  const files: CarriedFile[] = [];
  let size = 0;
  for (const file of artifacts) {
    size += file.size ?? 0;
    if (size > MOST_BYTES) break;
    const { replicate, condition, step, name } = file;
    // One that is not here either is missed over there by whoever reads it.
    const bytes = await file.bytes().catch(() => undefined);
    if (!bytes) continue;
    const content = Buffer.from(bytes).toString('base64');
    files.push({ target: { replicate, condition, step, name }, content });
  }
  return files;
}

/** @internal Where they are read from in another process. */
export async function bringFiles(experiment: string, files: readonly CarriedFile[]): Promise<ArtifactSink> {
  const sink = memorySink(experiment);
  for (const { target, content } of files) await sink.write(target, Buffer.from(content, 'base64'));
  return sink;
}
