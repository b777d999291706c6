import { AsyncLocalStorage } from 'node:async_hooks';
import { ArtifactScopeError } from '../errors/storage-errors.ts';
import type { ArtifactBody } from '../plugin/plugin.ts';
import type { ArtifactRecord } from '../plugin/records.ts';
import type { Artifact } from './artifact.ts';

/** @internal The step that is running, as artifacts see it. */
export interface ArtifactScope {
  writeArtifact<T>(artifact: Artifact<T>, value: T): Promise<ArtifactRecord>;
  writeArtifactBody(name: string, body: ArtifactBody): Promise<ArtifactRecord>;
}

// On globalThis, so that an Artifact of another copy of this package finds the step all the same.
const key = Symbol.for('@crystallize/artifact-scope');
const shared = globalThis as { [key]?: AsyncLocalStorage<ArtifactScope> };
shared[key] ??= new AsyncLocalStorage<ArtifactScope>();

/** @internal Follows a step through its async calls. */
export const artifactScope: AsyncLocalStorage<ArtifactScope> = shared[key];

/** @internal */
export function currentScope(name: string): ArtifactScope {
  const scope = artifactScope.getStore();
  if (scope) return scope;
  throw new ArtifactScopeError(
    `The artifact '${name}' was written where no step is running. Write it inside a step's run(); in a callback that lost the step, use ctx.write(artifact, value).`,
  );
}
