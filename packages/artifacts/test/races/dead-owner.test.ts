import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { Crew, rounds } from './crew.ts';

const processes = 8;
const lease = 60;

/** The number of a process that has ended, and been reaped. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

it.each([
  ['on this machine', 60, identifyProcess()],
  ['on another machine', 12, { host: 'elsewhere' }],
])(
  `${processes} processes that race for the lock of one that died %s are never two inside`,
  async (_where, usual, identity) => {
    using folder = temporaryFolder();
    await using crew = new Crew(processes, 'enter.ts', folder.path, String(lease));
    const owner = { ...identity, pid: deadPid(), start: '1', takenAt: 'then', lease };
    for (let round = 0; round < rounds(usual); round += 1) {
      expect(new Set(await crew.lines())).toEqual(new Set(['ready']));
      mkdirSync(join(folder.path, String(round)));
      const token = `00000000-0000-4000-8000-${String(round).padStart(12, '0')}`;
      writeFileSync(join(folder.path, String(round), 'lock'), JSON.stringify({ ...owner, token }));
      crew.tell(String(round));
      expect(await crew.lines()).toEqual(Array.from({ length: processes }, () => 'entered'));
    }
  },
  120_000,
);
