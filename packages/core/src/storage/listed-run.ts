import { type ArtifactPlace, parseReplicateName } from './layout.ts';
import { checkName } from './names.ts';
import type { ReadableStore } from './store.ts';

/**
 * What the folders of a version say, for runs without records: those of the Python original. Names
 * that we would refuse to write are left out, such as those of editors and file managers.
 */

/** The conditions of which there are results or artifacts, `baseline` first, then by name. */
export async function listConditions(store: ReadableStore, folder: string): Promise<readonly string[]> {
  const found = await foldersIn(store, folder);
  const replicates = found.filter((name) => parseReplicateName(name) !== undefined);
  const nested = await Promise.all(replicates.map((name) => foldersIn(store, `${folder}/${name}`)));
  const conditions = new Set(
    [...found, ...nested.flat()].filter((name) => checkName('condition', name) === undefined),
  );
  const first = conditions.delete('baseline') ? ['baseline'] : [];
  return [...first, ...[...conditions].sort()];
}

/** Every artifact that lies where the layout has artifacts. */
export async function listArtifactPlaces(
  store: ReadableStore,
  folder: string,
): Promise<readonly ArtifactPlace[]> {
  const replicates = (await foldersIn(store, folder)).filter(
    (name) => parseReplicateName(name) !== undefined,
  );
  const lists = await Promise.all(
    replicates.map((name) => placesIn(store, `${folder}/${name}`, parseReplicateName(name) as number)),
  );
  return lists.flat();
}

async function placesIn(
  store: ReadableStore,
  folder: string,
  replicate: number,
): Promise<readonly ArtifactPlace[]> {
  const places: ArtifactPlace[] = [];
  for await (const { key } of store.list(folder)) {
    const [condition, step, ...parts] = key.slice(folder.length + 1).split('/');
    const name = parts.join('/');
    const problem =
      checkName('condition', condition) ?? checkName('step', step) ?? checkName('artifact', name);
    if (problem === undefined)
      places.push({ replicate, condition: condition as string, step: step as string, name });
  }
  return places;
}

async function foldersIn(store: ReadableStore, folder: string): Promise<readonly string[]> {
  return (await store.children(folder)).filter(({ kind }) => kind === 'folder').map(({ name }) => name);
}
