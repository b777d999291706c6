import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figures, runProgram } from '../harness/program.ts';
import type { Report, Target } from '../harness/report.ts';
import { measureRounds } from '../harness/rounds.ts';
import { settleDisk } from '../harness/settle-disk.ts';
import { formatNumber, formatSpread, spreadOfFigure, spreadOfRatio } from '../harness/spread.ts';
import { workFolder } from '../harness/work-folder.ts';
import { type ArtifactsTask, CONDITIONS } from './payload.ts';
import { artifactTree, assertSameTree } from './same-tree.ts';

interface Case extends Omit<ArtifactsTask, 'rootDir'> {
  readonly name: string;
  readonly mostTimesBare: number;
}

const KIB = 1024;
const SMALL = { size: KIB, mostTimesBare: 1.3 };
const LARGE = { size: 10 * KIB * KIB, replicates: 30, lanes: 1, mostTimesBare: 1.2 };
const ROUNDS = 7;

const CASES: readonly Case[] = (['full', 'process'] as const).flatMap((durability) => [
  { name: '1 KiB, one at a time', ...SMALL, replicates: 300, lanes: 1, durability },
  { name: '1 KiB, 8 in flight', ...SMALL, replicates: 500, lanes: 8, durability },
  { name: '10 MiB, one at a time', ...LARGE, durability },
]);

/** What keeping an artifact costs beside the writing itself. */
export async function artifacts(): Promise<Report> {
  await using folder = await workFolder('artifacts');
  const rows: Record<Case['durability'], string[][]> = { full: [], process: [] };
  const targets: Target[] = [];
  for (const { name, mostTimesBare, ...task } of CASES) {
    const { bare, ours } = await measureCase(folder.path, task);
    const ratio = spreadOfRatio(ours, bare, 'microsecondsPerCell');
    rows[task.durability].push([
      name,
      String(task.replicates * CONDITIONS.length),
      formatSpread(spreadOfFigure(bare, 'microsecondsPerCell')),
      formatSpread(spreadOfFigure(ours, 'microsecondsPerCell')),
      formatSpread(ratio, 'x'),
      formatNumber(1e6 / spreadOfFigure(ours, 'microsecondsPerCell').median),
    ]);
    targets.push({
      claim: `${name}, durability '${task.durability}': at most ${mostTimesBare} times the bare program`,
      measured: ratio.median,
      limit: mostTimesBare,
      unit: 'x',
    });
  }
  const columns = ['artifacts', 'cells', 'bare µs', 'crystallize µs', 'ratio', 'cells/s'];
  return {
    title: 'artifacts: what keeping a file for each cell costs',
    method:
      'One artifact for each cell, with its record, against a bare program that writes the same files into the same folders,\n' +
      `with the same fsyncs and a sha256 of each file. On the disk of the repository, ${ROUNDS} rounds. Time in µs per cell.`,
    tables: [
      { caption: "durability 'full': survives a power cut", columns, rows: rows.full },
      { caption: "durability 'process': survives the end of the process", columns, rows: rows.process },
    ],
    targets,
  };
}

async function measureCase(folder: string, task: Omit<ArtifactsTask, 'rootDir'>) {
  const trees: Record<string, readonly string[]> = {};
  const measure = (name: 'bare' | 'experiment') => async (): Promise<Figures> => {
    const rootDir = join(folder, name);
    await mkdir(rootDir);
    await settleDisk();
    const figures = await runProgram(new URL(`./${name}.ts`, import.meta.url), {
      args: { ...task, rootDir },
    });
    trees[name] = await artifactTree(rootDir);
    await rm(rootDir, { recursive: true });
    return figures;
  };
  const rounds = await measureRounds(ROUNDS, { bare: measure('bare'), ours: measure('experiment') });
  assertSameTree(trees['experiment'] ?? [], trees['bare'] ?? []);
  return rounds;
}
