import type { PruneReport } from '@crystallize/artifacts';
import { describe, expect, test } from 'vitest';
import { pruneLines } from '../src/summary/prune-lines.ts';
import { verificationLines } from '../src/summary/verification-lines.ts';
import { noPaint } from '../src/text/paint.ts';

const style = { width: 80, paint: noPaint, cwd: '/home/ada' };

describe('what was verified', () => {
  const counts = {
    location: '/home/ada/runs',
    experiments: 2,
    versions: 5,
    artifacts: 1234,
    bytes: 1_288_490_189,
  };

  test('is told by version, with the paths as they are from here, then the notes and the counts', () => {
    const fault = {
      kind: 'altered',
      experiment: 'penguins',
      version: 3,
      message: 'Its sha256 is another.',
    } as const;
    const found = {
      ...counts,
      faults: [
        { ...fault, path: '/home/ada/runs/penguins/v3/a b.json' },
        { ...fault, version: 1, kind: 'missing', path: '/srv/penguins/v1/\x1b[31mx' } as const,
        { ...fault, kind: 'cut-short', path: '/home/ada/runs/penguins/v3/z' } as const,
        {
          kind: 'unlisted',
          experiment: 'penguins',
          path: 'penguins/notes.txt',
          message: fault.message,
        } as const,
      ],
      notes: ['v4 is being written.'],
    };
    expect(verificationLines(found, 3200, style)).toEqual([
      'penguins v3',
      '  altered: runs/penguins/v3/a b.json',
      '    Its sha256 is another.',
      '  cut-short: runs/penguins/v3/z',
      '    Its sha256 is another.',
      '',
      'penguins v1',
      '  missing: /srv/penguins/v1/x',
      '    Its sha256 is another.',
      '',
      'penguins',
      '  unlisted: penguins/notes.txt',
      '    Its sha256 is another.',
      '',
      'notes',
      '  - v4 is being written.',
      '',
      '5 runs of 2 experiments: 1,234 artifacts, 1.2 GiB (1,288,490,189 bytes), checked in 3.2 s: 4 faults',
    ]);
  });

  test('is one line where nothing is wrong', () => {
    expect(verificationLines({ ...counts, bytes: 12, faults: [], notes: [] }, 40, style)).toEqual([
      '5 runs of 2 experiments: 1,234 artifacts, 12 bytes, checked in 40 ms: no fault',
    ]);
  });
});

describe('what was pruned', () => {
  const report: PruneReport = {
    dryRun: false,
    artifacts: 2,
    bytes: 3072,
    versions: [
      {
        experiment: 'penguins',
        version: 0,
        reason: 'it is not among the newest 3 finished versions',
        artifacts: [
          { path: '/home/ada/runs/penguins/v0/a', size: 1024 },
          { path: '/home/ada/runs/penguins/v0/b', size: 2048 },
        ],
        bytes: 3072,
        chainedBy: ["'evaluation' v3"],
        trouble: 'EACCES',
      },
      {
        experiment: 'penguins',
        version: 1,
        reason: 'it is not among the newest 3 finished versions',
        artifacts: [],
        bytes: 0,
        chainedBy: [],
        left: 'a run reads it',
      },
    ],
    troubles: [],
    notes: [],
  };

  test('is told by version: how much and why, who has read it, what went wrong, and what was left alone', () => {
    expect(pruneLines(report, { ...style, verbose: true })).toEqual([
      'penguins v0: 2 artifacts, 3.0 KiB removed',
      '  it is not among the newest 3 finished versions',
      "  read by 'evaluation' v3, which keeps its results",
      '  not finished: EACCES',
      '  runs/penguins/v0/a  1.0 KiB',
      '  runs/penguins/v0/b  2.0 KiB',
      '',
      'penguins v1: left alone',
      '  a run reads it',
      '',
      'removed 2 artifacts of 1 run: 3.0 KiB (3,072 bytes)',
    ]);
  });

  test('is told with the experiments that could not be looked at, and the notes', () => {
    const troubles = [{ experiment: 'seals', message: 'Could not list seals.' }];
    const found = { ...report, artifacts: 0, bytes: 0, versions: [], troubles, notes: ['Only that.'] };
    expect(pruneLines(found, { ...style, verbose: false })).toEqual([
      'seals: not looked at',
      '  Could not list seals.',
      '',
      'Only that.',
      '',
      'nothing was removed',
    ]);
  });

  test('is told as what would be, of a dry run', () => {
    const lines = pruneLines({ ...report, dryRun: true }, { ...style, verbose: false });
    expect(lines[0]).toBe('penguins v0: 2 artifacts, 3.0 KiB would be removed');
    expect(lines.at(-1)).toBe('would remove 2 artifacts of 1 run: 3.0 KiB (3,072 bytes); this was a dry run');
    const nothing = { dryRun: true, artifacts: 0, bytes: 0, versions: [], troubles: [], notes: [] };
    expect(pruneLines(nothing, { ...style, verbose: false })).toEqual([
      'nothing would be removed; this was a dry run',
    ]);
  });
});
