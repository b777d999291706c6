import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';

/** The file systems that a power cut can be made on. */
export type FileSystemKind = 'ext4' | 'xfs';

/** Bytes of a disk; xfs takes no less than 300 MiB. It takes so much only where something was written. */
const size = 320 * 1024 * 1024;

/** What is needed, and how one gets it. */
const needed: readonly (readonly [command: string, args: readonly string[], how: string])[] = [
  ['mount', ['--version'], 'apt-get install mount'],
  ['mkfs.ext4', ['-V'], 'apt-get install e2fsprogs'],
  ['mkfs.xfs', ['-V'], 'apt-get install xfsprogs'],
  ['xfs_io', ['-V'], 'apt-get install xfsprogs'],
];

/** Why no power cut can be made here, as a sentence; `undefined` when one can. */
export function missingForPowerCuts(): string | undefined {
  if (process.platform !== 'linux')
    return 'Power cuts are made on Linux only: run this in a virtual machine.';
  if (process.getuid?.() !== 0)
    return 'Disks are mounted by root only: run this with sudo, or in a container with --privileged.';
  for (const [command, args, how] of needed) {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
    } catch {
      return `The program ${command} is missing: ${how}.`;
    }
  }
  return undefined;
}

/** A disk in a file, which loses what was not written to it when its power is cut. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #image: string;

  /** Makes it in a folder, and mounts it. */
  constructor(folder: string, kind: FileSystemKind) {
    this.#image = join(folder, 'image');
    this.path = join(folder, 'mounted');
    mkdirSync(this.path);
    const fd = openSync(this.#image, 'wx');
    ftruncateSync(fd, size);
    closeSync(fd);
    run(`mkfs.${kind}`, kind === 'ext4' ? ['-q', '-F', this.#image] : ['-q', '-f', this.#image]);
    this.mount();
  }

  mount(): void {
    run('mount', ['-o', 'loop', this.#image, this.path]);
  }

  /** From now on nothing reaches the disk, and its journal is not written either. */
  cutPower(): void {
    run('xfs_io', ['-x', '-c', 'shutdown', this.path]);
  }

  unmount(): void {
    run('umount', [this.path]);
  }
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
