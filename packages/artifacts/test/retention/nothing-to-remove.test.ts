import { ArtifactPlugin, memoryStore } from '@crystallize/artifacts';
import { expect, test, vi } from 'vitest';
import { sized } from './sized-runs.ts';

test('a version whose records tell of nothing to remove is not looked through', async () => {
  const store = memoryStore();
  const list = vi.spyOn(store, 'list');
  const plugin = (bigFileThresholdMb: number) =>
    new ArtifactPlugin({ store, versioned: true, bigFileThresholdMb });
  for (let run = 0; run < 3; run += 1) await sized(plugin(1)).run();
  expect(list.mock.calls).not.toContainEqual(['sized/v0']);
  await sized(plugin(0.01)).run();
  expect(list.mock.calls).toContainEqual(['sized/v0']);
});
