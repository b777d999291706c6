import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { getCallSites } from 'node:util';

/** Deep enough for the factories and helpers that a definition may go through. */
const FRAMES = 50;

/**
 * @internal URL of the user's module that is being evaluated: the outermost file before the first
 * frame of Node itself, packages left out. `undefined` where there is none, as under `node -e`.
 */
export function constructingModule(): string | undefined {
  let found: string | undefined;
  for (const { scriptName } of getCallSites(FRAMES)) {
    if (scriptName.startsWith('node:')) break;
    if (scriptName === '' || scriptName.includes('/node_modules/') || scriptName.includes('\\node_modules\\'))
      continue;
    found = scriptName;
  }
  if (found === undefined) return undefined;
  const url = found.startsWith('file:') ? found : pathToFileURL(found).href;
  return existsSync(fileURLToPath(url)) ? url : undefined;
}
