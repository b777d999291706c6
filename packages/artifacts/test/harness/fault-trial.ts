import { type ArtifactStore, fsStore } from '@crystallize/artifacts';
import { CrystallizeError } from '@crystallize/core';
import type { FileSystem } from '@crystallize/core/storage';
import { expect } from 'vitest';
import type { FsCall } from '../stores/test-file-systems.ts';
import { asOfEarlierBoot } from './crash-image.ts';
import { filesOf } from './disk-node.ts';
import { type Fault, FaultyFileSystem } from './faulty-file-system.ts';
import { cellName, type Flow } from './flow.ts';
import { diskRoot, type MemoryDisk } from './memory-disk.ts';
import { checkRecovery, type Expectation, type Promises, storeRoot } from './recovery.ts';

/** What came of a flow during which one call failed. */
export interface FaultOutcome {
  /** The first call that failed; `undefined` when there were not so many calls. */
  readonly failed: FsCall | undefined;
  readonly error: unknown;
  readonly promises: Promises;
  /** What the process has left when it has ended. */
  readonly disk: MemoryDisk;
}

/** Runs `act` of a flow with a fault. */
export async function actWithFault(
  flow: Flow,
  { arranged }: Expectation,
  fault: Fault,
  storeOn: (fs: FileSystem) => ArtifactStore = (fs) => fsStore(storeRoot, { fs }),
): Promise<FaultOutcome> {
  const disk = arranged.clone();
  const faulty = new FaultyFileSystem(fault, disk);
  const cells = new Map<string, string>();
  const error: unknown = await flow
    .act({
      store: storeOn(faulty.fs),
      onCell: (record) => cells.set(cellName(record), record.status),
      onExecute: () => undefined,
    })
    .then(
      () => undefined,
      (reason: unknown) => reason ?? new Error('It was rejected without a reason.'),
    );
  faulty.clear();
  if (!fault.sticky) expect(disk.openCount, 'files left open').toBe(0);
  for (const [, file] of filesOf(disk.root)) file.bytes = asOfEarlierBoot(file.bytes);
  return {
    failed: faulty.failed[0],
    error,
    promises: { cells, byAct: cells.size > 0, ended: error === undefined },
    disk,
  };
}

/** Whether an error is one of ours that was caused by the injected one, or that names it. */
export function tellsOf(error: unknown, code: string): boolean {
  if (!(error instanceof CrystallizeError)) return false;
  if (error.message.includes(code)) return true;
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if ('injected' in at && 'code' in at && at.code === code) return true;
  return false;
}

/** What distinguishes what two faults left, as far as recovery is concerned: what is there, not its times. */
export function shapeOf({ promises, disk }: FaultOutcome): string {
  const files = [...filesOf(disk.root)].map(([path]) =>
    path.replaceAll(/tmp-[0-9a-z-]+|[0-9a-f-]{36}/g, '…'),
  );
  return JSON.stringify([[...promises.cells], promises.ended, files.sort()]);
}

/** Recovers from what a fault has left, with the trouble over. */
export async function recoverFromFault(
  flow: Flow,
  expectation: Expectation,
  outcome: FaultOutcome,
): Promise<void> {
  await checkRecovery(flow, expectation, outcome.disk, outcome.promises);
}

/** A call for people, with its path below the disk, and random parts of names left out. */
export function describeCall(call: FsCall | undefined): string {
  if (!call) return 'no call';
  const paths = call.args.filter((argument) => typeof argument === 'string');
  const short = paths.map((path) =>
    path.replace(`${diskRoot}/`, '').replaceAll(/[0-9a-f-]{36}|tmp-[0-9a-z-]+/g, '…'),
  );
  return [call.operation, ...short].join(' ');
}
