import type { ArtifactStore } from '@crystallize/core/storage';

/** A store that asks before each operation that changes something; what `before` throws is its failure. */
export function watchedStore(
  store: ArtifactStore,
  before: (operation: string, key: string) => void | Promise<void>,
): ArtifactStore & { releaseAll(): Promise<void> } {
  const held = new Set<() => Promise<void>>();
  return {
    location: store.location,
    size: (key) => store.size(key),
    get: (key) => store.get(key),
    stream: (key) => store.stream(key),
    children: (folder) => store.children(folder),
    list: (folder) => store.list(folder),
    readLog: (key) => store.readLog(key),
    holds: (key, token) => store.holds(key, token),
    ...(store.localPath ? { localPath: (key: string) => store.localPath?.(key) ?? '' } : {}),
    async put(key, body, options) {
      await before('put', key);
      return store.put(key, body, options);
    },
    async remove(key, options) {
      await before('remove', key);
      return store.remove(key, options);
    },
    async removeAll(folder) {
      await before('removeAll', folder);
      return store.removeAll(folder);
    },
    async moveAll(from, to) {
      await before('moveAll', from);
      return store.moveAll(from, to);
    },
    async createLog(key) {
      await before('createLog', key);
      const log = await store.createLog(key);
      let broken: unknown;
      return {
        async append(bytes) {
          // A log that failed once is broken for good.
          if (broken) throw broken;
          try {
            await before('append', key);
          } catch (error) {
            broken = error;
            throw error;
          }
          return log.append(bytes);
        },
        close: () => log.close(),
      };
    },
    async lock(key, options) {
      await before('lock', key);
      const lock = await store.lock(key, options);
      const release = async () => {
        if (held.delete(release)) await lock.release();
      };
      held.add(release);
      return {
        token: lock.token,
        lost: lock.lost,
        isHeld: () => lock.isHeld(),
        release: async () => {
          await before('release', key);
          await release();
        },
      };
    },
    /** As when the process that holds the locks has died. */
    async releaseAll() {
      for (const release of held) await release();
    },
  };
}
