import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { userFrames } from '../pipeline/user-frames.ts';

/**
 * @internal URL of the user's module that is being evaluated: the outermost file before the first
 * frame of Node itself, packages left out. `undefined` where there is none, as under `node -e`.
 */
export function constructingModule(): string | undefined {
  const found = userFrames().at(-1);
  if (found === undefined) return undefined;
  const url = found.startsWith('file:') ? found : pathToFileURL(found).href;
  return existsSync(fileURLToPath(url)) ? url : undefined;
}
