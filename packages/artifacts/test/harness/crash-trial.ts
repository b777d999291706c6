import { createHash } from 'node:crypto';
import { type ArtifactStore, fsStore } from '@crystallize/artifacts';
import type { FileSystem } from '@crystallize/core/storage';
import { crashImage } from './crash-image.ts';
import { type CrashEffort, type CrashState, crashStatesAt } from './crash-states.ts';
import { nodesOf } from './disk-node.ts';
import { figures } from './figures.ts';
import { cellName, type Flow, type Session } from './flow.ts';
import { describeEvent, type Journal } from './journal.ts';
import { diskRoot, type MemoryDisk } from './memory-disk.ts';
import { RecordingFileSystem, type RecordingOptions } from './recording-file-system.ts';
import { checkRecovery, type Expectation, type Promises, storeRoot } from './recovery.ts';
import { checkVerifiedOnFiles } from './verification.ts';

const theEnd = 'the end';

/** How a flow is recorded. */
export interface RecordFlowOptions extends Pick<RecordingOptions, 'withoutSync'> {
  /** The store that is used; default: a well-made one. */
  readonly storeOn?: (fs: FileSystem) => ArtifactStore;
}

/** Records `act` of a flow, which begins with a disk as `arrange` left it. */
export async function recordFlow(
  flow: Flow,
  { arranged }: Expectation,
  { storeOn = wellMadeStore, ...options }: RecordFlowOptions = {},
): Promise<RecordingFileSystem> {
  const recorder = new RecordingFileSystem(diskRoot, { base: arranged.clone(), ...options });
  await flow.act(recordedSession(recorder, storeOn));
  recorder.promise(theEnd);
  return recorder;
}

/** Records how a flow recovers from what is on a disk. */
export async function recordRecovery(flow: Flow, disk: MemoryDisk): Promise<RecordingFileSystem> {
  const recorder = new RecordingFileSystem(diskRoot, { base: disk });
  await flow.recover(recordedSession(recorder, wellMadeStore));
  return recorder;
}

function wellMadeStore(fs: FileSystem): ArtifactStore {
  return fsStore(storeRoot, { fs });
}

function recordedSession(recorder: RecordingFileSystem, storeOn: (fs: FileSystem) => ArtifactStore): Session {
  return {
    store: storeOn(recorder.fs),
    onCell: (record) => recorder.promise(`${record.status} ${cellName(record)}`),
    onExecute: () => undefined,
  };
}

/** What had been promised before a point. @param earlier - By what went before the recording. */
export function promisesAt({ events }: Journal, point: number, earlier?: Promises): Promises {
  // What failed is run again by whoever recovers, and its record then counts no more.
  const cells = new Map([...(earlier?.cells ?? [])].filter(([, status]) => status === 'done'));
  let ended = earlier?.ended ?? false;
  for (const event of events.slice(0, point)) {
    if (event.type !== 'promise') continue;
    const space = event.promised.indexOf(' ');
    if (event.promised === theEnd) ended = true;
    else cells.set(event.promised.slice(space + 1), event.promised.slice(0, space));
  }
  return { cells, byAct: earlier?.byAct ?? cells.size > 0, ended };
}

/** The crash states of a journal that differ, each with the disk that it leaves. */
export class CrashStates {
  readonly #journal: Journal;
  readonly #seen = new Set<string>();
  /** How many were looked at, those that leave the same disk as another among them. */
  generated = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  *at(point: number, effort: CrashEffort): Generator<[CrashState, MemoryDisk]> {
    for (const state of crashStatesAt(this.#journal, point, effort)) {
      this.generated += 1;
      const disk = crashImage(this.#journal, point, state.fateOf);
      if (this.isNew(disk, point)) yield [state, disk];
    }
  }

  /** Whether no disk with the same files was seen when the same was promised. */
  isNew(disk: MemoryDisk, point: number): boolean {
    const { cells, ended } = promisesAt(this.#journal, point);
    const hash = createHash('sha1').update(JSON.stringify([[...cells], ended]));
    for (const [path, node] of nodesOf(disk.root)) {
      hash.update(`${path}\0${node.kind}\0`);
      if (node.kind === 'file') hash.update(`${node.bytes.length}\0`).update(node.bytes);
    }
    const digest = hash.digest('base64');
    if (this.#seen.has(digest)) return false;
    this.#seen.add(digest);
    return true;
  }
}

const filesEvery = 8;
let tried = 0;

/**
 * Recovers from one crash state.
 * @param earlier - What was promised before the recording.
 * @throws what it finds, with all that is needed to see it again.
 */
export async function tryCrash(
  flow: Flow,
  expectation: Expectation,
  { journal, earlier }: { readonly journal: Journal; readonly earlier?: Promises },
  [state, disk]: readonly [CrashState, MemoryDisk],
): Promise<void> {
  try {
    // Real files cost as much as all the rest.
    if (tried++ % filesEvery === 0) await checkVerifiedOnFiles(disk);
    await checkRecovery(flow, expectation, disk, promisesAt(journal, state.point, earlier));
  } catch (cause) {
    const last = describeEvent(journal.events[state.point - 1]);
    const lost = journal.events.flatMap((event, at) =>
      at < state.point && state.fateOf(at) !== 'kept'
        ? [`  ${at} ${describeEvent(event)}: ${state.fateOf(at)}`]
        : [],
    );
    const again = earlier ? 'while recovering from another, ' : '';
    const message = `${flow.name}: power cut ${again}after event ${state.point} (${last}), state '${state.kind}', seed ${figures.seed}. What did not survive whole:\n${lost.join('\n')}\n${(cause as Error).message}`;
    throw new Error(message, { cause });
  }
}
