import { nameKey } from '../storage/names.ts';

/**
 * @internal Says which names of declared outputs can't lie side by side: one that is a folder of another,
 * as 'a' of 'a/b', and folders that some file system takes for one, as those of 'A/b' and 'a/c'.
 *
 * @param names - As they were given; what is no string is told elsewhere.
 */
export function* folderConflicts(names: readonly unknown[]): Iterable<string> {
  const paths = [...new Set(names.filter((name) => typeof name === 'string'))];
  const files = new Map(paths.map((path) => [nameKey(path), path]));
  /** By what file systems make of it: the folder as it was written first, and for which output. */
  const folders = new Map<string, { readonly folder: string; readonly path: string }>();
  for (const path of paths) {
    for (const folder of foldersOf(path)) {
      const key = nameKey(folder);
      const file = files.get(key);
      if (file !== undefined) {
        yield `the output '${file}' would be a file, and for the output '${path}' a folder of the same name. Rename one.`;
        break;
      }
      const first = folders.get(key);
      if (first === undefined) folders.set(key, { folder, path });
      else if (first.folder !== folder) {
        yield `the outputs '${first.path}' and '${path}' would share a folder where case or Unicode form does not count. Write '${first.folder}' the same way in both.`;
        break;
      }
    }
  }
}

/** Of 'a/b/c': 'a', then 'a/b'. */
function* foldersOf(path: string): Iterable<string> {
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) yield path.slice(0, end);
}
