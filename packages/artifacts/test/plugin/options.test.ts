import { join } from 'node:path';
import { ArtifactPlugin, type ArtifactPluginOptions, memoryStore } from '@crystallize/artifacts';
import { ExperimentInvalidError } from '@crystallize/core';
import { afterEach, expect, test, vi } from 'vitest';
import { scaling } from './scaling.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('without options everything has the documented default', () => {
  const plugin = new ArtifactPlugin();
  expect(plugin).toMatchObject({
    rootDir: join(process.cwd(), 'data'),
    versioned: false,
    artifactRetention: 3,
    bigFileThresholdMb: 10,
    durability: 'full',
  });
  expect(plugin.validate()).toEqual([]);
});

test('environment variables replace defaults, never a given option', () => {
  vi.stubEnv('CRYSTALLIZE_ARTIFACT_RETENTION', '-1');
  vi.stubEnv('CRYSTALLIZE_BIG_FILE_THRESHOLD_MB', '0.5');
  expect(new ArtifactPlugin()).toMatchObject({ artifactRetention: -1, bigFileThresholdMb: 0.5 });
  expect(new ArtifactPlugin({ artifactRetention: 3, bigFileThresholdMb: 10 })).toMatchObject({
    artifactRetention: 3,
    bigFileThresholdMb: 10,
  });
});

test('an environment variable that is no number is told, unless an option takes its place', async () => {
  vi.stubEnv('CRYSTALLIZE_ARTIFACT_RETENTION', 'many');
  await expect(scaling(new ArtifactPlugin()).validate()).rejects.toThrow(
    /CRYSTALLIZE_ARTIFACT_RETENTION.*'many'/,
  );
  await expect(scaling(new ArtifactPlugin({ artifactRetention: 1 })).validate()).resolves.toBeUndefined();
});

test.each([
  [{ rootDir: '' }, 'rootDir'],
  [{ rootDir: 3 }, 'rootDir'],
  [{ versioned: 'yes' }, 'versioned'],
  [{ artifactRetention: 1.5 }, 'artifactRetention'],
  [{ artifactRetention: '3' }, 'artifactRetention'],
  [{ bigFileThresholdMb: Number.NaN }, 'bigFileThresholdMb'],
  [{ bigFileThresholdMb: -1 }, 'bigFileThresholdMb'],
  [{ durability: 'none' }, 'durability'],
  [{ store: {} }, 'store'],
  [{ retention: 3 }, 'retention'],
])('the option in %o is refused by validate(), and constructing never throws', async (options, name) => {
  const plugin = new ArtifactPlugin(options as ArtifactPluginOptions);
  const refused = scaling(plugin).validate();
  await expect(refused).rejects.toBeInstanceOf(ExperimentInvalidError);
  await expect(refused).rejects.toThrow(new RegExp(`\\b${name}\\b`));
});

test('a rootDir beside a store is said not to be used', async () => {
  const result = await scaling(new ArtifactPlugin({ store: memoryStore(), rootDir: 'elsewhere' })).run();
  expect(result.warnings).toEqual([expect.stringMatching(/elsewhere.*not used/)]);
  expect(result.dir).toBeUndefined();
});

test('the version that provenance names is that of the package', async () => {
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  expect(new ArtifactPlugin().version).toBe(manifest.version);
});
