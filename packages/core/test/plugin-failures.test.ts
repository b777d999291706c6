import { Artifact, type Plugin, PluginError, StorageError } from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, rejection } from './support/experiments.ts';

type Hook = Exclude<keyof Plugin, 'name' | 'version' | 'validate' | 'saved' | 'restore' | 'artifacts'>;

const stopping: readonly Hook[] = ['beforeRun', 'execute', 'commitCell'];
const warning: readonly Hook[] = [
  'init',
  'afterRun',
  'onEvent',
  'beforeCell',
  'beforeStep',
  'afterStep',
  'afterCell',
];

/** A plugin whose one hook throws, and one beside it that is told how the run ended. */
function failingIn(hook: Hook, error: Error, how: 'throws' | 'rejects') {
  const ends: unknown[] = [];
  let ran = 0;
  const fail = () => {
    if (how === 'throws') throw error;
    return Promise.reject(error);
  };
  const broken = { name: 'broken', [hook]: fail } as Plugin;
  const witness: Plugin = {
    name: 'witness',
    afterRun: (_run, outcome) => void ends.push(outcome.status, outcome.reason),
  };
  const experiment = experimentOf(() => void ran++, { replicates: 3, plugins: [witness, broken] });
  return { experiment, ends, ran: () => ran };
}

const everyHow = (hooks: readonly Hook[]) =>
  hooks.flatMap((hook) => (['throws', 'rejects'] as const).map((how) => [hook, how] as const));

test.each(everyHow(stopping))(
  'a %s that %s stops the run, which rejects with whose error it was',
  async (hook, how) => {
    const cause = new Error('broken hook');
    const { experiment, ends } = failingIn(hook, cause, how);
    const error = await rejection(experiment.run());
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ code: 'PLUGIN_FAILED', plugin: 'broken', hook, cause });
    expect((error as Error).message).toMatch(/'broken' failed in \w+: broken hook/);
    expect(ends).toEqual(['aborted', error]);
  },
);

test.each(everyHow(warning))('a %s that %s is a warning, and the run goes on', async (hook, how) => {
  const { experiment, ends, ran } = failingIn(hook, new Error('broken hook'), how);
  const result = await experiment.run();
  expect(result.status).toBe('done');
  expect(ran()).toBe(3);
  expect(result.warnings.join('\n')).toMatch(new RegExp(`broken.*${hook}|${hook}.*broken`));
  expect(result.warnings).toHaveLength(1);
  expect(ends).toEqual(['done', undefined]);
});

test.each(everyHow([...stopping, ...warning]))(
  'a StorageError in %s that %s stops the run',
  async (hook, how) => {
    const cause = new StorageError('disk full');
    const { experiment } = failingIn(hook, cause, how);
    expect(await rejection(experiment.run())).toBe(cause);
  },
);

test("a StorageError of the user's own listener stops the run, another error is a warning", async () => {
  const cause = new StorageError('disk full');
  const throwing = (error: Error) => () => {
    throw error;
  };
  expect(await rejection(experimentOf(() => 1).run({ onEvent: throwing(cause) }))).toBe(cause);
  const result = await experimentOf(() => 1).run({ onEvent: throwing(new Error('no listener')) });
  expect(result.warnings).toEqual([expect.stringContaining('no listener')]);
});

test('an artifacts hook that throws stops the run: files must not go elsewhere unnoticed', async () => {
  const plugin: Plugin = {
    name: 'p',
    artifacts: () => {
      throw new Error('no sink');
    },
  };
  expect(await rejection(experimentOf(() => 1, { plugins: [plugin] }).run())).toMatchObject({
    code: 'PLUGIN_FAILED',
    hook: 'artifacts',
  });
});

const file = new Artifact('file');

test('storage that fails stops the run although the step catches it', async () => {
  const cause = new StorageError('disk full');
  let ran = 0;
  const plugin: Plugin = {
    name: 'full',
    artifacts: () => ({
      write: () => Promise.reject(cause),
      open: () => {
        throw new Error('unread');
      },
    }),
  };
  const experiment = experimentOf(
    async () => {
      ran++;
      await file.write('x').catch(() => {});
    },
    { replicates: 5, plugins: [plugin] },
  );
  expect(await rejection(experiment.run())).toBe(cause);
  expect(ran).toBe(1);
});

test('a sink that fails otherwise fails its cell alone', async () => {
  const plugin: Plugin = {
    name: 'picky',
    artifacts: () => ({
      write: () => Promise.reject(new Error('too odd')),
      open: () => {
        throw new Error('unread');
      },
    }),
  };
  const result = await experimentOf((replicate) => (replicate === 0 ? file.write('x') : 1), {
    replicates: 2,
    plugins: [plugin],
  }).run();
  expect(result.errors).toMatchObject([{ replicate: 0, cause: { message: 'too odd' } }]);
});

test('every plugin that was opened is closed, in reverse order, also when another fails in beforeRun', async () => {
  const calls: string[] = [];
  const plugin = (name: string, fail: boolean): Plugin => ({
    name,
    init: () => void calls.push(`init ${name}`),
    beforeRun: () => {
      calls.push(`beforeRun ${name}`);
      if (fail) throw new Error('no');
    },
    afterRun: (_run, outcome) => {
      calls.push(`afterRun ${name} ${outcome.status}`);
      throw new Error('this one as well');
    },
  });
  const { events, onEvent } = recorder();
  await rejection(
    experimentOf(() => 1, { plugins: [plugin('a', false), plugin('b', true), plugin('c', false)] }).run({
      onEvent,
    }),
  );
  expect(calls).toEqual([
    'init a',
    'init b',
    'init c',
    'beforeRun a',
    'beforeRun b',
    'afterRun c aborted',
    'afterRun b aborted',
    'afterRun a aborted',
  ]);
  expect(events.at(-1)).toEqual({ type: 'run:end', status: 'aborted' });
});

test('a failed commit ends the cells under way, and their plugins still commit what was done', async () => {
  const committed: number[] = [];
  const first: Plugin = {
    name: 'first',
    commitCell: async (_run, record) => void committed.push(record.replicate),
  };
  const second: Plugin = { name: 'second', commitCell: () => Promise.reject(new Error('lost')) };
  const { events, onEvent } = recorder();
  const error = await rejection(
    experimentOf(() => 1, { replicates: 1, plugins: [first, second] }).run({ onEvent }),
  );
  expect(error).toMatchObject({ plugin: 'second', hook: 'commitCell' });
  expect(committed).toEqual([0]);
  expect(events.some((event) => event.type === 'cell:end')).toBe(false);
});
