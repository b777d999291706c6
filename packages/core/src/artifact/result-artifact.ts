import type { ResultArtifact } from '../result/result.ts';
import type { ArtifactFile } from './artifact-file.ts';
import { artifactIdentity } from './artifact-identity.ts';

/** @internal A file with a way to load its value. */
export function resultArtifact<T>(file: ArtifactFile, load: () => Promise<T>): ResultArtifact<T> {
  return {
    ...artifactIdentity(file),
    path: () => file.path(),
    bytes: () => file.bytes(),
    text: () => file.text(),
    json: () => file.json(),
    stream: () => file.stream(),
    load,
  };
}
