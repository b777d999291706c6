import * as fs from 'node:fs';
import type { FileInfo, FileKind, FileSystem } from './file-system.ts';

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  // Files are made as the umask has it: results are often shared in a group, and hold no secrets.
  open: (path, flags) => fs.openSync(path, flags, 0o666),
  close: (fd) => fs.closeSync(fd),
  fstat: (fd) => infoOf(fs.fstatSync(fd)),
  lstat: (path) => infoOf(fs.lstatSync(path)),
  read: (fd, into) => fs.readSync(fd, into),
  readAsync: (fd, into) =>
    new Promise((resolve, reject) => {
      fs.read(fd, into, 0, into.length, null, (error, count) => (error ? reject(error) : resolve(count)));
    }),
  write: (fd, bytes) => fs.writeSync(fd, bytes),
  writeAsync: (fd, bytes) =>
    new Promise((resolve, reject) => {
      fs.write(fd, bytes, 0, bytes.length, null, (error, count) => (error ? reject(error) : resolve(count)));
    }),
  fsync: (fd) =>
    new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve()))),
  fdatasync: (fd) =>
    new Promise((resolve, reject) => fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
  futimes: (fd, mtime) => fs.futimesSync(fd, mtime / 1000, mtime / 1000),
  mkdir: (path) => {
    fs.mkdirSync(path);
  },
  readdir: (path) => {
    const entries = fs.readdirSync(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
  },
  link: (existing, added) => fs.linkSync(existing, added),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  rmdir: (path) => fs.rmdirSync(path),
  realpath: (path) => fs.realpathSync.native(path),
  pathOf: (fd) => {
    if (process.platform !== 'linux') return undefined;
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // No /proc is mounted, as in some containers.
      return undefined;
    }
  },
};

function infoOf(stats: fs.Stats): FileInfo {
  return { kind: kindOf(stats), size: stats.size, mtime: stats.mtimeMs };
}

function kindOf(entry: fs.Stats | fs.Dirent): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
