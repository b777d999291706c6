import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What the disk still has to do for an earlier program would count against the next. */
export async function settleDisk(): Promise<void> {
  if (process.platform !== 'win32') await promisify(execFile)('sync');
}
