import {
  type ArtifactStore,
  parseReplicateName,
  supersededRoot,
  versionFolder,
} from '@crystallize/core/storage';
import { entriesIn } from '../verify/entries.ts';
import type { CondemnedObject, VersionSurvey } from './version-survey.ts';

/** How many removals are under way at once: those of one folder are made safe together. */
const atOnce = 16;

/**
 * Removes what is condemned, and with it folders that are left empty. Whole folders go where nothing
 * else is in them, which is much quicker. Links are removed, never followed.
 *
 * @param removed - Gets each object once it is gone.
 */
export async function removeCondemned(
  store: ArtifactStore,
  directory: string,
  version: number,
  { condemned, present }: Pick<VersionSurvey, 'condemned' | 'present'>,
  removed: CondemnedObject[],
): Promise<void> {
  const root = versionFolder(directory, version);
  const superseded = supersededRoot(directory, version);
  const groups = Map.groupBy(condemned, ({ key }) => folderOf(key, root) ?? superseded);
  const keys = new Set(condemned.map(({ key }) => key));
  const mixed = new Set<string>();
  for (const key of [...present, ...(await unlistedIn(store, root))]) {
    const folder = folderOf(key, root);
    if (folder !== undefined && !keys.has(key)) mixed.add(folder);
  }
  for await (const { key } of store.list(superseded)) if (!keys.has(key)) mixed.add(superseded);
  for (const key of await unlistedIn(store, superseded)) if (!keys.has(key)) mixed.add(superseded);
  const waiting = [...groups].flatMap(([folder, objects]) =>
    mixed.has(folder)
      ? objects.map((object) => ({ objects: [object], remove: () => store.remove(object.key) }))
      : [{ objects, remove: () => store.removeAll(folder) }],
  );
  const removeNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await next.remove();
      removed.push(...next.objects);
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: atOnce }, removeNext));
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}

/** What is in a folder though a store may not list it: links, pipes, and folders that can't be looked into. */
async function unlistedIn(store: ArtifactStore, folder: string): Promise<readonly string[]> {
  const { objects, unreadable } = await entriesIn(store, folder);
  return [...objects.keys(), ...unreadable.keys()];
}

/** The folder of the replicate that a key lies in; `undefined` for all else. */
function folderOf(key: string, root: string): string | undefined {
  if (!key.startsWith(`${root}/`)) return undefined;
  const name = key.slice(root.length + 1).split('/', 1)[0] ?? '';
  return parseReplicateName(name) === undefined ? undefined : `${root}/${name}`;
}
