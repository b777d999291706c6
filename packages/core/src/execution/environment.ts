import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from '../plugin/plugin.ts';
import type { RunEnvironment } from '../plugin/records.ts';
import { gitState } from './git-state.ts';

/** @internal The surroundings of a run. Never values of environment variables. */
export function describeEnvironment(module: string | undefined, plugins: readonly Plugin[]): RunEnvironment {
  const packages: Record<string, string> = { '@crystallize/core': coreVersion() };
  for (const plugin of plugins) if (plugin.version !== undefined) packages[plugin.name] = plugin.version;
  const git = gitState(module?.startsWith('file:') ? dirname(fileURLToPath(module)) : process.cwd());
  return {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    packages,
    ...(git ? { git } : {}),
    ...(module === undefined ? {} : { module }),
  };
}

function coreVersion(): string {
  // By name, since the built files lie elsewhere than the sources.
  const path = fileURLToPath(import.meta.resolve('@crystallize/core/package.json'));
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest === 'object' && manifest && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
