import { ArtifactPlugin, fsStore, openRuns } from '@crystallize/artifacts';
import { expect, it, vi } from 'vitest';
import { scaling } from '../plugin/scaling.ts';
import { snapshot } from '../plugin/snapshot.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { Crew } from './crew.ts';
import { isStopped } from './is-stopped.ts';

const until = { timeout: 10_000, interval: 1 };
const replicates = 3;
const name = 'run';
/** The artifact that the worker is about to publish. */
const key = `${name}/v0/replicate_2/baseline/scale/data.json`;

/** What the process that takes over writes there. */
const winners = new TextEncoder().encode('{\n  "value": 3\n}\n');

/** What became of a run whose main process was killed, and whose worker was stopped meanwhile. */
interface Outcome {
  /** What the worker says when it was woken. */
  readonly told: string;
  readonly store: ReturnType<typeof fsStore>;
}

/**
 * A worker is stopped when it is about to publish an artifact, and its main process is killed. Then
 * another process takes over, and the worker goes on when that is done.
 *
 * @param own - How many cells the main process has committed by then.
 * @param form - What the worker writes: `bytes` or a `stream`.
 */
async function killedAndTakenOver(
  root: string,
  options: { own: number; form: string; how?: string; strategy: 'resume' | 'rerun' },
): Promise<Outcome> {
  const store = fsStore(root, { durability: 'process' });
  await using main = new Crew(1, 'main.ts', root, name, String(options.own));
  await using worker = new Crew(1, 'worker.ts', root, options.form, options.how ?? '');
  const [shared = ''] = await main.lines();
  worker.tell(JSON.stringify({ shared: JSON.parse(shared), cell: { replicate: replicates - 1 } }));
  await vi.waitFor(() => expect(isStopped(worker.pids[0])).toBe(true), until);
  await main[Symbol.asyncDispose]();

  const { status } = await scaling(new ArtifactPlugin({ store }), { name, replicates }).run({
    strategy: options.strategy,
  });
  expect(status).toBe('done');
  worker.kill('SIGCONT');
  const [told = ''] = await worker.lines();
  return { told, store };
}

const onPosix = it.skipIf(process.platform === 'win32');

onPosix.each(['bytes', 'stream'])(
  'what a worker still publishes (%s) when another process has resumed its run and finished the cell is refused',
  async (form) => {
    using folder = temporaryFolder();
    const { told, store } = await killedAndTakenOver(folder.path, { own: 2, form, strategy: 'resume' });
    expect(told).toBe('STORAGE_FAILED');
    expect(await store.get(key)).toEqual(winners);
    const verification = await openRuns({ store }).verify();
    expect([verification.faults, verification.notes]).toEqual([[], []]);
  },
);

onPosix('a worker that does not ask would replace what the winner wrote', async () => {
  using folder = temporaryFolder();
  const options = { own: 2, form: 'bytes', how: 'naive', strategy: 'resume' } as const;
  const { told, store } = await killedAndTakenOver(folder.path, options);
  expect(told).toBe('stored');
  expect((await openRuns({ store }).verify()).faults).toMatchObject([{ kind: 'altered' }]);
});

onPosix.each([
  ['before its first commit', 0],
  ['after it', 2],
])(
  'what a worker still publishes of a run that was to replace another, and was killed %s, is in nobody’s way',
  async (_when, own) => {
    using folder = temporaryFolder();
    const store = fsStore(folder.path, { durability: 'process' });
    const experiment = scaling(new ArtifactPlugin({ store }), { name, replicates });
    await experiment.run();
    await killedAndTakenOver(folder.path, { own, form: 'bytes', strategy: 'rerun' });
    expect(await store.get(key)).toEqual(winners);
    const verification = await openRuns({ store }).verify();
    expect([verification.faults, verification.notes]).toEqual([[], []]);
    await experiment.run();
    expect(Object.keys(await snapshot(store, `${name}/.crystallize/aside`))).toEqual([]);
  },
);
