import { pruneRuns } from '@crystallize/artifacts';
import { AsyncExecution, StorageError } from '@crystallize/core';
import type { Flow, Session } from './flow.ts';
import { type ProbeOptions, probe } from './probe-experiment.ts';

type Options = Omit<ProbeOptions, 'store' | 'onExecute'>;

function run(session: Session, options: Options, strategy: 'rerun' | 'resume' = 'rerun'): Promise<unknown> {
  const { store, onCell, onExecute } = session;
  return probe({ ...options, store, onExecute }).run({
    strategy,
    onEvent: (event) => event.type === 'cell:end' && onCell(event.cell),
  });
}

/** Runs until so many cells have begun, then is told to stop: those come to their end. */
async function runUntil(session: Session, options: Options, cells: number): Promise<void> {
  const { store, onCell, onExecute } = session;
  const stop = new AbortController();
  let begun = 0;
  const experiment = probe({
    ...options,
    store,
    onExecute(cell) {
      onExecute(cell);
      begun += 1;
      if (begun === cells) stop.abort(stopped);
    },
  });
  const running = experiment.run({
    signal: stop.signal,
    onEvent: (event) => event.type === 'cell:end' && onCell(event.cell),
  });
  await running.catch((error: unknown) => {
    if (error !== stopped) throw error;
  });
}

const stopped = new Error('The flow wants no more cells.');
const versioned = { versioned: true };
const broken = ['1 scaled'];

/** Everything that is done with stored runs. */
export const flows: readonly Flow[] = [
  {
    name: 'a versioned run',
    act: (session) => run(session, versioned),
    recover: (session) => run(session, versioned, 'resume'),
  },
  {
    name: 'a versioned run of two cells at a time',
    act: (session) => run(session, { ...versioned, executor: AsyncExecution({ concurrency: 2 }) }),
    recover: (session) => run(session, versioned, 'resume'),
  },
  {
    name: 'an unversioned run with a cell that fails',
    act: (session) => run(session, { broken }),
    recover: (session) => run(session, { broken }, 'resume'),
    broken,
  },
  {
    name: 'an unversioned run that replaces another',
    arrange: (session) => run(session, { replicates: 3 }),
    act: (session) => run(session, { replicates: 2 }),
    recover: (session) => run(session, { replicates: 2 }, 'resume'),
    replaces: true,
  },
  {
    name: 'a resume of a run that was stopped',
    arrange: (session) => runUntil(session, { ...versioned, replicates: 3 }, 3),
    act: (session) => run(session, { ...versioned, replicates: 3 }, 'resume'),
    recover: (session) => run(session, { ...versioned, replicates: 3 }, 'resume'),
    kept: ['0 baseline', '0 scaled', '1 baseline'],
  },
  {
    name: 'a resume after a failed cell and with a changed treatment',
    arrange: (session) => run(session, { ...versioned, broken: ['0 baseline'] }),
    act: (session) => run(session, { ...versioned, factor: 3 }, 'resume'),
    recover: (session) => run(session, { ...versioned, factor: 3 }, 'resume'),
    kept: ['1 baseline'],
  },
  {
    name: 'a resume for fewer replicates with a changed treatment',
    arrange: (session) => run(session, versioned),
    act: (session) => run(session, { ...versioned, replicates: 1, factor: 3 }, 'resume'),
    recover: (session) => run(session, { ...versioned, replicates: 1, factor: 3 }, 'resume'),
    kept: ['0 baseline', '1 baseline'],
  },
  {
    name: 'a resume for further replicates, two cells at a time',
    arrange: (session) => run(session, { replicates: 1 }),
    act: (session) => run(session, { executor: AsyncExecution({ concurrency: 2 }) }, 'resume'),
    recover: (session) => run(session, {}, 'resume'),
    kept: ['0 baseline', '0 scaled'],
  },
  {
    name: 'a prune of two versions of three',
    async arrange(session) {
      for (let version = 0; version < 3; version += 1) await run(session, { ...versioned, replicates: 1 });
    },
    act: prune,
    recover: prune,
  },
];

async function prune({ store }: Session): Promise<void> {
  const { versions, troubles } = await pruneRuns({ store, artifactRetention: 1 });
  const [first] = troubles;
  if (first) throw new StorageError(`${first.experiment}: ${first.message}`);
  for (const { version, left, trouble } of versions) {
    if (trouble !== undefined || left !== undefined)
      throw new StorageError(`v${version}: ${trouble ?? left}`);
  }
}
