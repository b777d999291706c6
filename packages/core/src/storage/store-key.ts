import { UnsafeNameError } from '../errors/storage-errors.ts';
import { problemOfSegment, quoteName } from './name-characters.ts';

/**
 * What temporary files of a file store begin with. Such names are never listed and can't be asked for.
 */
export const temporaryPrefix = '.crystallize-tmp-';

/**
 * Refuses a key that could leave the store, or that some system could not hold: each part between
 * `/` obeys the rules for names, but may begin with `.crystallize`.
 * @throws UnsafeNameError
 */
export function assertStoreKey(key: string): void {
  for (const part of String(key).split('/')) {
    const ours = part.startsWith('.crystallize');
    const problem = ours ? problemOfSegment(part.slice(1)) : problemOfSegment(part);
    if (problem !== undefined || part.startsWith(temporaryPrefix)) {
      throw new UnsafeNameError(
        `The key ${quoteName(key)} of a stored object ${problem ?? 'is that of a temporary file. Use another name.'}`,
      );
    }
  }
}
