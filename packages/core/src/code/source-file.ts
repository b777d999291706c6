import { constants } from 'node:fs';
import { nodeFileSystem as fs } from '../storage/node-file-system.ts';
import { isMissing } from '../storage/system-error.ts';

// A pipe in place of a file must not stop the process.
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * @internal The bytes of a file; `undefined` where there is none.
 * @throws the error of the system when it is there and can't be read.
 */
export function readSource(path: string): Uint8Array | undefined {
  return opened(path, (fd, size) => {
    const bytes = new Uint8Array(size);
    let length = 0;
    for (let count = -1; count !== 0 && length < size; length += count) {
      count = fs.read(fd, bytes.subarray(length));
    }
    return bytes.subarray(0, length);
  });
}

/** @internal Whether there is a file, though it may be one that can't be read; a link to one is one. */
export function isSource(path: string): boolean {
  try {
    return opened(path, () => true) ?? false;
  } catch {
    // Reading it tells why.
    return true;
  }
}

function opened<T>(path: string, use: (fd: number, size: number) => T): T | undefined {
  let fd: number;
  try {
    fd = fs.open(path, READ);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { kind, size } = fs.fstat(fd);
    return kind === 'file' ? use(fd, size) : undefined;
  } finally {
    fs.close(fd);
  }
}
