import type { ArtifactFile } from '../artifact/artifact-file.ts';
import { artifactIdentity } from '../artifact/artifact-identity.ts';
import { ArtifactNotFoundError } from '../errors/storage-errors.ts';

/**
 * The same artifact; when its file is found missing, by whatever way it is read, the error is the one
 * that `explain` gives.
 */
export function explainedArtifact(file: ArtifactFile, explain: () => Promise<Error>): ArtifactFile {
  const attempt = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      throw error instanceof ArtifactNotFoundError ? await explain() : error;
    }
  };
  return {
    ...artifactIdentity(file),
    path: () => attempt(() => file.path()),
    bytes: () => attempt(() => file.bytes()),
    text: () => attempt(() => file.text()),
    json: <T>() => attempt(() => file.json<T>()),
    async *stream() {
      try {
        yield* file.stream();
      } catch (error) {
        throw error instanceof ArtifactNotFoundError ? await explain() : error;
      }
    },
  };
}
