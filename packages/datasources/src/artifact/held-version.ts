import { type DatasourceScope, RunLockedError, StorageError } from '@crystallize/core';
import type { SavedVersion } from '@crystallize/core/storage';

/**
 * Finds a version and keeps it from retention until the run has ended, where the store can. It is looked
 * for once more when it is held: if a newer one has finished meanwhile, retention may have begun with the
 * one found first, and the newer one is read.
 *
 * @throws what `find` throws.
 */
export async function holdVersion(
  find: () => Promise<SavedVersion>,
  scope: DatasourceScope,
): Promise<SavedVersion> {
  let version = await find();
  for (;;) {
    const held = await holdOrWarn(version, scope);
    if (!held) return version;
    const release = async () => held[Symbol.asyncDispose]();
    let newer: SavedVersion;
    try {
      newer = await find();
      if (newer.version === version.version) {
        await warnIfPruned(version, scope);
        scope.onEnd(release);
        return version;
      }
    } catch (error) {
      await release();
      throw error;
    }
    await release();
    version = newer;
  }
}

/** A store that can only be read is no reason not to read it. */
async function holdOrWarn(
  version: SavedVersion,
  scope: DatasourceScope,
): Promise<AsyncDisposable | undefined> {
  try {
    return await version.hold?.();
  } catch (error) {
    if (!(error instanceof StorageError || error instanceof RunLockedError)) throw error;
    scope.warn(
      `v${version.version} of the experiment '${version.experiment}' is read, but can't be kept from retention meanwhile: ${error.message}`,
    );
    return undefined;
  }
}

/** Not an error yet: a resume may find that it has nothing left to read. */
async function warnIfPruned(version: SavedVersion, scope: DatasourceScope): Promise<void> {
  const pruning = await version.pruned?.();
  if (!pruning || pruning.over !== undefined) return;
  scope.warn(
    `v${version.version} of the experiment '${version.experiment}' was pruned on ${new Date(pruning.prunedAt).toISOString()}: cells that need its artifacts will fail. Read a newer version, or run '${version.experiment}' again.`,
  );
}
