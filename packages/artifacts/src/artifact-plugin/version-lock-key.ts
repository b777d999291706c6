import { lockKey } from '@crystallize/core/storage';

/**
 * The lock of a version. That of `v0` is the experiment's own: its place may be taken by any run that is not
 * versioned.
 */
export function versionLockKey(directory: string, version: number): string {
  return version === 0 ? lockKey(directory) : lockKey(directory, version);
}
