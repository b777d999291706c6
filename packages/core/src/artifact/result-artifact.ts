import type { ResultArtifact } from '../result/result.ts';
import type { ArtifactFile } from './artifact-file.ts';

/** @internal A file with a way to load its value. */
export function resultArtifact<T>(file: ArtifactFile, load: () => Promise<T>): ResultArtifact<T> {
  const { experiment, version, replicate, condition, step, name, size, sha256 } = file;
  return {
    experiment,
    ...(version === undefined ? {} : { version }),
    replicate,
    condition,
    step,
    name,
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    path: () => file.path(),
    bytes: () => file.bytes(),
    text: () => file.text(),
    json: () => file.json(),
    stream: () => file.stream(),
    load,
  };
}
