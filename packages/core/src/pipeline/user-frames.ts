import { getCallSites } from 'node:util';

/** Deep enough for the factories and helpers that a definition may go through. */
const FRAMES = 50;

/** The folder of this package's files, sources or built. */
const OWN = import.meta.url.replace(/\/(?:src|dist)\/[^?]*$/, '/');

/** @internal The scripts whose functions are under way, innermost first, without packages and this one. */
export function userFrames(): readonly string[] {
  const scripts: string[] = [];
  for (const { scriptName } of getCallSites(FRAMES)) {
    if (scriptName.startsWith('node:')) break;
    if (scriptName === '' || /[\\/]node_modules[\\/]/.test(scriptName) || isOwn(scriptName)) continue;
    scripts.push(scriptName);
  }
  return scripts;
}

/** @internal The script that called into this package: where a step is declared, or an experiment constructed. */
export function callingScript(): string | undefined {
  return userFrames()[0];
}

const scripts = new WeakMap<object, string>();

/** @internal Notes where a part of a definition was made, so that the code around it counts. */
export function noteScript<T extends object>(part: T): T {
  const script = callingScript();
  if (script !== undefined) scripts.set(part, script);
  return part;
}

/** @internal What was noted; `undefined` for what was made otherwise. */
export function scriptOf(part: object | undefined): string | undefined {
  return part && scripts.get(part);
}

/** Those of its tests are users'. */
function isOwn(script: string): boolean {
  const url = script.startsWith('file:') ? script : `file://${script}`;
  return url.startsWith(`${OWN}src/`) || url.startsWith(`${OWN}dist/`);
}
