/**
 * Cuts the power of real file systems while an experiment runs on them, and looks whether all that was told
 * to be done is there when they are mounted again: `node scripts/power-cut/cut-power.ts [cuts]`, for each of
 * ext4 and xfs. What was told is noted on another disk. Needs root, mount and xfsprogs; skips aloud. With
 * `process` as second argument nothing is synced: it then has to find a loss.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type FileSystemKind, LoopDisk, missingForPowerCuts } from './loop-disk.ts';

const cuts = Number(process.argv[2] ?? process.env['CRYSTALLIZE_POWER_CUTS'] ?? 10);
const durability = process.argv[3] ?? 'full';
const replicates = '24';
/** Milliseconds, from when a process begins to run the experiment. */
const longestLife = 400;
const harness = fileURLToPath(new URL('../../packages/artifacts/test/harness/', import.meta.url));
const nodeArgs = ['--conditions=crystallize-source'];

const missing = missingForPowerCuts();
if (missing !== undefined) {
  console.log(`SKIPPED: no power was cut. ${missing}`);
  // Where they have to be made, not making them is a failure.
  if (process.env['CRYSTALLIZE_POWER_CUTS_REQUIRED']) process.exitCode = 1;
} else {
  for (const kind of ['ext4', 'xfs'] as const) {
    const started = performance.now();
    const { told, completed } = await cutOften(kind);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${kind}: ${cuts} cuts, ${told} cells told by then, none lost; ${completed} runs completed; ${seconds} s`,
    );
  }
}

/** @throws when anything that was told is lost, or anything wrong is found. */
async function cutOften(
  kind: FileSystemKind,
): Promise<{ readonly told: number; readonly completed: number }> {
  let told = 0;
  let completed = 0;
  for (let cut = 0; cut < cuts; ) {
    const folder = mkdtempSync(join(tmpdir(), `crystallize-${kind}-`));
    const disk = new LoopDisk(folder, kind);
    const mode = completed % 2 === 0 ? 'versioned' : 'unversioned';
    const args = [join(disk.path, 'store'), join(folder, 'oracle'), mode, replicates, durability];
    try {
      for (let isDone = false; !isDone; ) {
        isDone = await runUntilCut(disk, args, cut < cuts ? Math.random() * longestLife : undefined);
        if (!isDone) cut += 1;
        const after = Number(check([...args.slice(0, -1), isDone ? 'complete' : '']));
        if (!isDone) told += after;
      }
      completed += 1;
    } finally {
      disk.unmount();
      rmSync(folder, { recursive: true });
    }
  }
  return { told, completed };
}

/** Runs the experiment, and cuts the power after so many milliseconds; true when it was done by then. */
async function runUntilCut(
  disk: LoopDisk,
  args: readonly string[],
  life: number | undefined,
): Promise<boolean> {
  const child = spawn(process.execPath, [...nodeArgs, join(harness, 'killed-process.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  if (life !== undefined) {
    await Promise.race([once(child.stdout, 'data'), ended]);
    await Promise.race([setTimeout(life), ended]);
  }
  if (life === undefined || child.exitCode !== null) {
    await ended;
    if (child.exitCode !== 0) throw new Error(`The experiment ended with ${child.exitCode}.`);
    return true;
  }
  // What is told after the cut proves nothing, so nothing is told from here on.
  await freeze(child);
  disk.cutPower();
  child.kill('SIGKILL');
  await ended;
  disk.unmount();
  disk.mount();
  return false;
}

/** Stops a process, and waits until each of its threads has stopped. */
async function freeze(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  const tasks = `/proc/${child.pid}/task`;
  const isStopped = (task: string) =>
    / [TtZX] /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8').replace(/\(.*\)/s, ''));
  while (!readdirSync(tasks).every(isStopped)) await setTimeout(1);
}

function check(args: readonly string[]): string {
  const script = join(harness, 'check-oracle-process.ts');
  return execFileSync(process.execPath, [...nodeArgs, script, ...args], { encoding: 'utf8' });
}
