import { constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf, type FileSystem, nodeFileSystem } from '@crystallize/core/storage';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diskRoot, MemoryDisk } from '../harness/memory-disk.ts';

const names = ['a', 'b', 'a/c', 'a/d', 'b/c', 'b/c/e', 'a/c/f'];
const flagsets = [
  constants.O_RDONLY,
  constants.O_RDONLY | constants.O_DIRECTORY,
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND,
  constants.O_WRONLY | constants.O_APPEND,
];

type Step = readonly [operation: string, first: string, second: string, choice: number];
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(
    'open',
    'write',
    'read',
    'mkdir',
    'readdir',
    'link',
    'rename',
    'unlink',
    'rmdir',
    'lstat',
    'realpath',
  ),
  fc.constantFrom(...names),
  fc.constantFrom(...names),
  fc.nat(4),
);

/** What a step gives, or the code of its error. */
function perform(
  fs: FileSystem,
  root: string,
  fds: number[],
  [operation, first, second, choice]: Step,
): unknown {
  const path = `${root}/${first}`;
  const fd = fds[choice];
  if (operation === 'open') {
    fds.push(fs.open(path, flagsets[choice] as number));
    return fs.fstat(fds.at(-1) as number).kind;
  }
  if (operation === 'write') return fd === undefined ? 'closed' : fs.write(fd, Buffer.from(first));
  if (operation === 'read') {
    const into = Buffer.alloc(5);
    return fd === undefined ? 'closed' : [fs.read(fd, into), into.toString()];
  }
  if (operation === 'mkdir') return fs.mkdir(path);
  if (operation === 'readdir') return fs.readdir(path).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (operation === 'link') return fs.link(path, `${root}/${second}`);
  if (operation === 'rename') return fs.rename(path, `${root}/${second}`);
  if (operation === 'unlink') return fs.unlink(path);
  if (operation === 'rmdir') return fs.rmdir(path);
  if (operation === 'lstat') return fs.lstat(path).kind === 'file' ? fs.lstat(path).size : 'folder';
  return fs.realpath(path).slice(root.length);
}

function attempt(fs: FileSystem, root: string, fds: number[], made: Step): unknown {
  try {
    return perform(fs, root, fds, made);
  } catch (error) {
    return errnoOf(error) ?? error;
  }
}

it('the disk in memory answers as the real one does, with the same errors', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
      const root = mkdtempSync(join(tmpdir(), 'crystallize-disk-'));
      const opened: [number[], number[]] = [[], []];
      const disk = new MemoryDisk();
      try {
        for (const made of steps) {
          const real = attempt(nodeFileSystem, root, opened[0], made);
          expect(attempt(disk, diskRoot, opened[1], made), made.join(' ')).toEqual(real);
        }
      } finally {
        for (const fd of opened[0]) nodeFileSystem.close(fd);
        rmSync(root, { recursive: true });
      }
    }),
    { numRuns: 500, seed: 20260903 },
  );
});
