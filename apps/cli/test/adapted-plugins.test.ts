import { ArtifactPlugin, memoryStore } from '@crystallize/artifacts';
import { AsyncExecution, type Plugin } from '@crystallize/core';
import { expect, test } from 'vitest';
import { adaptedPlugins } from '../src/config/adapted-plugins.ts';

const named = (name: string): Plugin => ({ name });

test('what runs the cells comes last, where it counts, then what the experiment has, then what a config adds', () => {
  const executor = AsyncExecution({ concurrency: 2 });
  const own = [named('own'), AsyncExecution(), named('shared')];
  const plugins = [named('added'), named('shared')];
  const adapted = adaptedPlugins(own, { plugins, executor });
  expect(adapted).toEqual([plugins[0], own[0], own[2], executor]);
  expect(adapted.at(-1)).toBe(executor);
  expect(adaptedPlugins(own, {})).toEqual(own);
});

test('every ArtifactPlugin is told the place, and keeps its other options', () => {
  const store = memoryStore();
  const own = new ArtifactPlugin({ rootDir: 'runs', versioned: true, artifactRetention: 7 });
  const [moved, added] = adaptedPlugins([own], { place: store, plugins: [new ArtifactPlugin()] });
  expect(moved).toMatchObject({ store, versioned: true, artifactRetention: 7 });
  expect(added).toBeUndefined();
  expect(own.store).not.toBe(store);
});

test('a plugin that keeps runs and can not be told where is refused, rather than left where it was', () => {
  const old = named('@crystallize/artifacts');
  expect(() => adaptedPlugins([old], { place: '/runs' })).toThrow("can't be told another store. Update it");
  expect(adaptedPlugins([old], {})).toEqual([old]);
});

test('what is no plugin stays, to be told by the experiment', () => {
  const wrong = [undefined, null, 'a'] as unknown as Plugin[];
  expect(adaptedPlugins(wrong, { place: '/runs', plugins: [named('added')] })).toEqual([
    named('added'),
    ...wrong,
  ]);
});
