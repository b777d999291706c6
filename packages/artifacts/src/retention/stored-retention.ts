import {
  type ArtifactStore,
  listVersions,
  metadataKey,
  parseMetadata,
  type StoredRetention,
} from '@crystallize/core/storage';

/**
 * What the plugin that wrote the newest finished version was told of retention; `undefined` when none has
 * said. A later prune must not remove what that plugin would have kept.
 * @throws RecordUnreadableError when that version's `metadata.json` is damaged.
 */
export async function storedRetention(
  store: ArtifactStore,
  directory: string,
): Promise<StoredRetention | undefined> {
  for (const version of (await listVersions(store, directory)).toReversed()) {
    const key = metadataKey(directory, version);
    const bytes = await store.get(key);
    if (!bytes) continue;
    const { retention } = parseMetadata(bytes, key);
    return isRetention(retention) ? retention : undefined;
  }
  return undefined;
}

function isRetention(value: unknown): value is StoredRetention {
  if (typeof value !== 'object' || value === null) return false;
  const { artifactRetention, bigFileThresholdMb } = value as Partial<StoredRetention>;
  return Number.isSafeInteger(artifactRetention) && typeof bigFileThresholdMb === 'number';
}
