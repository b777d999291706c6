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

/** What finds the step of a write. */
interface ScopeFinder {
  /** Follows steps through their async calls. */
  readonly storage: AsyncLocalStorage<ArtifactScope>;
  /** Whether there is an Artifact in this process that may ask. */
  needed: boolean;
  /** How many steps run without being followed, since there was no Artifact when they began. */
  unfollowed: number;
  /** The last of them that began. */
  last: ArtifactScope | undefined;
}

// On globalThis, so that an Artifact of another copy of this package finds the step all the same.
const key = Symbol.for('@crystallize/artifact-scope');
const shared = globalThis as { [key]?: ScopeFinder };
shared[key] ??= { storage: new AsyncLocalStorage(), needed: false, unfollowed: 0, last: undefined };
const finder: ScopeFinder = shared[key];

/** @internal An Artifact was made: from now on steps are followed. */
export function followSteps(): void {
  finder.needed = true;
}

/**
 * @internal Whether a step that begins has to be followed. Following costs a small cell half of its
 * time and memory, so that it is left out where there is no Artifact to ask for the step.
 */
export function mustFollow(): boolean {
  return finder.needed;
}

/** @internal Calls a step's function so that artifacts find the step, also after an await. */
export function followStep<T>(scope: ArtifactScope, call: () => T): T {
  return finder.storage.run(scope, call);
}

/** @internal A step begins that is not followed; {@link leaveUnfollowed} must come at its end. */
export function enterUnfollowed(scope: ArtifactScope): void {
  finder.unfollowed++;
  finder.last = scope;
}

/** @internal A step has ended that was not followed. */
export function leaveUnfollowed(): void {
  finder.unfollowed--;
  finder.last = undefined;
}

/** @internal Whether this is called from a step, as far as steps are followed. */
export function isInStep(): boolean {
  return finder.storage.getStore() !== undefined || finder.unfollowed > 0;
}

/** @internal The step that a write belongs to. @throws ArtifactScopeError when there is none. */
export function currentScope(name: string): ArtifactScope {
  const scope = finder.storage.getStore() ?? onlyUnfollowed();
  if (scope) return scope;
  throw new ArtifactScopeError(
    `The artifact '${name}' was written where no step is running. Write it inside a step's run(); in a callback that lost the step, use ctx.write(artifact, value).`,
  );
}

/** The step in which the first Artifact of the process was made, unless others run at the same time. */
function onlyUnfollowed(): ArtifactScope | undefined {
  return finder.unfollowed === 1 ? finder.last : undefined;
}
