import { dirname } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runScript, type ScriptEnd } from './run-script.ts';

// Workers take a while to start where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

type Told = ScriptEnd['told'];

const runtimes = ['worker_threads', 'child_process'] as const;
const inEachMode = (script: string, ...args: string[]) =>
  Promise.all(
    ['serial', ...runtimes].map((mode) => runScript(script, [mode, ...args], { env: { FROM_MAIN: 'yes' } })),
  ) as Promise<[Told, Told, Told]>;

test('closures, lambdas, classes, loaders, resources and what they make need no serialising', async () => {
  const [serial, ...parallel] = await inEachMode('rebuilt.ts', '3');
  expect(serial['artifacts']?.[0]).toHaveLength(24);
  expect(serial['errors']).toHaveLength(12);
  for (const [index, told] of parallel.entries()) {
    for (const same of ['rows', 'resources', 'artifacts', 'errors', 'warnings'])
      expect(told[same], same).toEqual(serial[same]);
    // Its top level ran once in each worker, as in the main process; each has torn its steps down once.
    const places = told['top level'] as readonly { readonly workerId: string }[];
    const ids = places.map(({ workerId }) => workerId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(1);
    for (const { workerId, ...rest } of places)
      expect(rest).toEqual({ argv: [runtimes[index], '3'], env: 'yes', cwd: dirname(process.cwd()) });
    for (const torn of told['torn down'] ?? []) expect(torn).toMatchObject({ times: 1 });
    expect(told['torn down']).not.toContainEqual(expect.objectContaining({ workerId: ids[0] }));
  }
});

test('a call that has ended comes to the same in a worker, and any other stays pending', async () => {
  const [serial, ...parallel] = await inEachMode('calls.ts');
  expect(String(serial['all']).replaceAll(/\s+/g, ' ')).toBe(
    "[ [ 'sum', 5 ], [ 'streamed', [ 2, 4, 4, 8 ] ], [ 'left', 0, 'of 1' ], [ 'applied', { value: 14, at: 1970-01-01T00:00:00.007Z } ], [ 'debugged', { value: [ 4 ] } ], [ 'rejected', 'ExperimentInvalidError 101 true' ], [ 'best', 'k=2' ], [ 'graph', { value: [ 4, 8 ] }, 'done' ] ]",
  );
  for (const told of parallel) {
    for (const same of ['both', 'loop', 'given', 'main']) expect(told[same], same).toEqual(serial[same]);
    // Told by the main process, and by workers of the runs that follow.
    expect(new Set(told['all']?.map(String))).toEqual(new Set(serial['all']?.map(String)));
    expect(told['all']?.length).toBeGreaterThan(1);
    expect(new Set(told['worker'])).toEqual(new Set(['first', 'last', 'both']));
    expect(told['refused']).toContainEqual({
      code: 'EXPERIMENT_NOT_REBUILT',
      message: expect.stringMatching(
        /'late' was given to run\(\) itself, and is a function.*Declare it in the experiment/,
      ),
    });
  }
});
