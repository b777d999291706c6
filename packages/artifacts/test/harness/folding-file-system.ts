import { type FileSystem, nameKey } from '@crystallize/core/storage';
import { diskRoot } from './memory-disk.ts';

/**
 * A file system that takes names for the same which differ only in case or Unicode normalisation, as those
 * of Windows and macOS do. It keeps them as they were given first or, as older systems of macOS, decomposed.
 */
export function foldingFs(base: FileSystem, keeps: 'as given' | 'decomposed'): FileSystem {
  const stored = (name: string) => (keeps === 'decomposed' ? name.normalize('NFD') : name);
  /** The path under which the base knows it. */
  const known = (path: string): string => {
    if (path === diskRoot || !path.startsWith(`${diskRoot}/`)) return path;
    let at = diskRoot;
    let isThere = true;
    for (const part of path.slice(diskRoot.length + 1).split('/')) {
      const found: string | undefined = isThere ? find(at, part) : undefined;
      isThere = found !== undefined;
      at = `${at}/${found ?? stored(part)}`;
    }
    return at;
  };
  const find = (folder: string, name: string): string | undefined => {
    if (base.lstat(folder).kind !== 'folder') return undefined;
    return base.readdir(folder).find((entry) => nameKey(entry.name) === nameKey(name))?.name;
  };
  return {
    open: (path, flags) => base.open(known(path), flags),
    close: (fd) => base.close(fd),
    fstat: (fd) => base.fstat(fd),
    lstat: (path) => base.lstat(known(path)),
    read: (fd, into) => base.read(fd, into),
    readAsync: (fd, into) => base.readAsync(fd, into),
    write: (fd, bytes) => base.write(fd, bytes),
    writeAsync: (fd, bytes) => base.writeAsync(fd, bytes),
    fsync: (fd) => base.fsync(fd),
    fdatasync: (fd) => base.fdatasync(fd),
    futimes: (fd, mtime) => base.futimes(fd, mtime),
    mkdir: (path) => base.mkdir(known(path)),
    readdir: (path) => base.readdir(known(path)),
    link: (existing, added) => base.link(known(existing), known(added)),
    rename: (from, to) => base.rename(known(from), known(to)),
    unlink: (path) => base.unlink(known(path)),
    rmdir: (path) => base.rmdir(known(path)),
    realpath: (path) => base.realpath(known(path)),
    pathOf: (fd) => base.pathOf(fd),
  };
}
