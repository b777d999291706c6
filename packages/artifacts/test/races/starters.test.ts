import { ArtifactPlugin, openRuns } from '@crystallize/artifacts';
import { expect, it } from 'vitest';
import { scaling } from '../plugin/scaling.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { Crew, rounds } from './crew.ts';

const starters = 16;

it(`${starters} processes that start one versioned experiment at once get ${starters} versions, all finished`, async () => {
  for (let round = 0; round < rounds(1); round += 1) {
    using folder = temporaryFolder();
    await using crew = new Crew(starters, 'start.ts', folder.path);
    await crew.lines();
    crew.tell('go');
    const lines = await crew.lines();
    const versions = Array.from({ length: starters }, (_, version) => version);
    expect(lines.map((line) => Number(line.replace(' done', ''))).sort((a, b) => a - b)).toEqual(versions);
    const stored = await openRuns({ rootDir: folder.path }).experiment('scaling').versions();
    expect(stored.map(({ version, finished }) => [version, finished])).toEqual(
      versions.map((version) => [version, true]),
    );
    const { version } = await scaling(new ArtifactPlugin({ rootDir: folder.path, versioned: true })).run();
    expect(version).toBe(starters);
  }
}, 120_000);
