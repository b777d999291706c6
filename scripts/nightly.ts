/**
 * Tries far more than the tests do on every change, to find what is rare: `pnpm nightly`, or with the names of
 * some of the proofs. Takes hours. What is random follows from a seed, which is printed; `CRYSTALLIZE_SEED`
 * makes a night happen again.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryCommand } from './lib/command.ts';
import { root } from './lib/workspace.ts';

interface Proof {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const proofs: readonly Proof[] = [
  ofTests('power-cut', {
    CRYSTALLIZE_CRASH_SUBSETS: '150',
    CRYSTALLIZE_CRASH_SINGLES: '1000',
    CRYSTALLIZE_DOUBLE_CRASHES: '40',
  }),
  ofTests('fsync', {}),
  ofTests('errno', { CRYSTALLIZE_EVERY_ERRNO: '1' }),
  ofTests('kills', { CRYSTALLIZE_KILLS: '5000' }),
  ofTests('store-model', { CRYSTALLIZE_STORE_SEQUENCES: '20000' }),
  ofTests('run-model', { CRYSTALLIZE_RUN_SEQUENCES: '5000' }),
  ofTests('names', { CRYSTALLIZE_NAMES: '20000' }),
  {
    name: 'real power cuts',
    command: ['node', 'scripts/power-cut/cut-power.ts', process.env['CRYSTALLIZE_POWER_CUTS'] ?? '500'],
    env: {},
  },
];

const seed = process.env['CRYSTALLIZE_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
const chosen = process.argv.slice(2);
for (const name of chosen) {
  if (!proofs.some((proof) => proof.name === name))
    throw new Error(
      `There is no proof '${name}'. There are: ${proofs.map((proof) => proof.name).join(', ')}.`,
    );
}
console.log(`CRYSTALLIZE_SEED=${seed}\n`);
for (const proof of proofs) if (chosen.length === 0 || chosen.includes(proof.name)) await run(proof);

function ofTests(name: string, env: Readonly<Record<string, string>>): Proof {
  const command = ['vitest', 'run', `packages/artifacts/test/proofs/${name}.test.ts`];
  return { name, command, env: { CRYSTALLIZE_PATIENCE_MS: String(24 * 3_600_000), ...env } };
}

/** Runs one, and prints a row: its name, how it ended, the time, and what it tried. */
async function run({ name, command, env }: Proof): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crystallize-nightly-'));
  const figures = join(folder, 'figures');
  const started = performance.now();
  // What the environment says goes before what a night does by itself.
  const variables = {
    CI: 'true',
    ...env,
    ...process.env,
    CRYSTALLIZE_SEED: seed,
    CRYSTALLIZE_FIGURES: figures,
  };
  const [program = '', ...args] = command;
  const result = await tryCommand(program, args, { cwd: root, env: variables });
  const seconds = Math.round((performance.now() - started) / 1000);
  const skipped = /^SKIPPED: .*/m.exec(result.stdout)?.[0];
  const ended = result.code === 0 ? (skipped ?? 'held') : 'BROKE';
  console.log(
    `${name.padEnd(16)} ${ended.padEnd(6)} ${String(seconds).padStart(6)} s  ${readFigures(figures)}`,
  );
  if (name === 'real power cuts' && result.code === 0 && !skipped) console.log(result.stdout.trimEnd());
  if (result.code !== 0) {
    console.log(`${result.stdout}\n${result.stderr}`);
    process.exitCode = 1;
  }
  rmSync(folder, { recursive: true });
}

function readFigures(file: string): string {
  const sums = new Map<string, number>();
  let lines: readonly string[] = [];
  try {
    lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    // It notes none.
  }
  for (const line of lines) {
    const { what, count } = JSON.parse(line) as { readonly what: string; readonly count: number };
    sums.set(what, (sums.get(what) ?? 0) + count);
  }
  return [...sums].map(([what, count]) => `${count.toLocaleString('en')} ${what}`).join(', ');
}
