import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Artifact, type Codec, Experiment, type Plugin, pipelineStep, textCodec } from '@crystallize/core';
import { expect, test } from 'vitest';
import { experimentOf, recorder, replicateIndex } from './support/experiments.ts';

const note = new Artifact('note.txt', textCodec());
const raw = new Artifact('raw.bin');

const failing = (run: () => unknown) => experimentOf(async () => run()).run();

test('the same name twice from one step in one cell is an error, awaited or not', async () => {
  for (const second of [() => note.write('b'), () => void note.write('b')]) {
    const result = await failing(async () => {
      await note.write('a');
      await second();
    });
    expect(result.errors[0]?.cause).toMatchObject({
      code: 'ARTIFACT_CONFLICT',
      message: expect.stringContaining("'note.txt' twice"),
    });
  }
});

test('two steps may write one name, and so may two cells', async () => {
  const write = pipelineStep({
    name: 'one',
    run: async (n: number, ctx) => (await note.write(`${ctx.replicate}`), n),
  });
  const result = await new Experiment({
    datasource: replicateIndex(),
    pipeline: [write(), write({}, { name: 'two' })],
    replicates: 2,
  }).run();
  expect(result.artifacts).toHaveLength(4);
  expect(result.errors).toEqual([]);
});

test.each(['../x', '/x', 'a//b', 'con', '.hidden', ''])('the unsafe name %j is refused', async (name) => {
  const result = await failing(() => new Artifact(name).write('x'));
  expect(result.errors[0]?.cause).toMatchObject({ code: 'NAME_UNSAFE' });
});

test('writing outside a step is an error', async () => {
  await expect(note.write('x')).rejects.toMatchObject({
    code: 'ARTIFACT_SCOPE',
    message: expect.stringContaining('ctx.write'),
  });
});

test('writing after the end of the step is an error, and a warning for whom it does not reach', async () => {
  const gate = Promise.withResolvers<void>();
  const late: Promise<unknown>[] = [];
  const experiment = experimentOf((_data, ctx) => {
    late.push(
      gate.promise.then(() => note.write('x')),
      gate.promise.then(() => ctx.write(raw, 'x')),
    );
  });
  const result = await experiment.run();
  gate.resolve();
  for (const outcome of await Promise.allSettled(late)) {
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { code: 'ARTIFACT_SCOPE', message: expect.stringContaining('Await') },
    });
  }
  expect(result.warnings.filter((warning) => warning.includes("'work' had ended"))).toHaveLength(2);
  expect(result.artifacts).toEqual([]);
});

test('a write that nobody awaits is waited for', async () => {
  const gate = Promise.withResolvers<void>();
  const experiment = experimentOf((_data, ctx) => {
    void note.writeStream(
      (async function* () {
        await gate.promise;
        yield 'late';
      })(),
    );
    void ctx.write(raw, 'soon');
    setImmediate(gate.resolve);
  });
  const result = await experiment.run();
  expect(await result.artifact('note.txt')?.text()).toBe('late');
  expect(await result.artifact(raw)?.text()).toBe('soon');
});

const broken: Codec<string> = {
  writer: () => {
    throw new Error('no codec');
  },
  loader: () => '',
};

test.each([
  ['write', () => void new Artifact('x', broken).write('a'), 'no codec'],
  [
    'a stream',
    () =>
      void raw.writeStream(
        (async function* () {
          yield 'a';
          throw new Error('cut');
        })(),
      ),
    'cut',
  ],
  ['a stream of something else', () => void raw.writeStream([5] as never), 'bytes or strings'],
  ['a missing file', () => void raw.writeFile('/nowhere/at/all'), 'ENOENT'],
  ['a value that is no bytes', () => void raw.write(5 as never), 'jsonCodec'],
])('an unawaited write that fails fails its step: %s', async (_what, write, message) => {
  const result = await failing(write);
  expect(result.errors).toHaveLength(1);
  expect(result.errors[0]?.message).toContain(message);
  expect(result.artifacts).toEqual([]);
});

test('an unawaited ctx.write that fails fails its step too', async () => {
  const result = await experimentOf((_data, ctx) => void ctx.write(new Artifact('x', broken), 'a')).run();
  expect(result.errors[0]?.cause).toMatchObject({ message: 'no codec' });
});

test('a file that is missing fails its cell, also where the sink takes its time before it reads', async () => {
  const slow: Plugin = {
    name: 'slow',
    artifacts: () => ({
      async write(target, body) {
        for (let turn = 0; turn < 20; turn++) await stat(tmpdir());
        for await (const _piece of body as AsyncIterable<Uint8Array>);
        return { step: target.step, name: target.name, size: 0, sha256: '' };
      },
      open: () => {
        throw new Error('unread');
      },
    }),
  };
  const result = await experimentOf(() => raw.writeFile('/nowhere/at/all'), { plugins: [slow] }).run();
  expect(result.errors[0]?.cause).toMatchObject({ code: 'ENOENT' });
});

test('a failed cell keeps what it wrote until then', async () => {
  const result = await failing(async () => {
    await note.write('kept');
    throw new Error('after');
  });
  expect(result.status).toBe('failed');
  expect(await result.artifact(note)?.load()).toBe('kept');
  expect(result.baseline.cells[0]).toMatchObject({ status: 'failed', artifacts: [{ name: 'note.txt' }] });
});

test('each artifact is reported before its cell ends', async () => {
  const { events, onEvent } = recorder();
  await experimentOf(() => note.write('x')).run({ onEvent });
  const types = events.map((event) => event.type);
  expect(types.indexOf('artifact:written')).toBeGreaterThan(types.indexOf('step:start'));
  expect(types.indexOf('artifact:written')).toBeLessThan(types.indexOf('step:end'));
});

test.each([
  ['a step that throws', false],
  ['a step that rejects', true],
])(
  'a write that is under way when %s is over before the cell is, and in its record',
  async (_what, later) => {
    const log: string[] = [];
    const slow: Plugin = {
      name: 'slow',
      artifacts: () => ({
        async write(target) {
          for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
          log.push('written');
          return { step: target.step, name: target.name, size: 1, sha256: '' };
        },
        open: () => {
          throw new Error('unread');
        },
      }),
      afterCell: (_cell, record) => void log.push(record.artifacts.map((file) => file.name).join()),
    };
    const fail = () => {
      void note.write('x');
      throw new Error('no');
    };
    const experiment = experimentOf(later ? async () => fail() : fail, { plugins: [slow] });
    const result = await experiment.run({ retries: { times: 1, delay: 0 } });
    expect(result.errors[0]?.cause).toMatchObject({ message: 'no' });
    expect(log).toEqual(['written', 'note.txt', 'written', 'note.txt']);
  },
);

test('a stream that cannot end since its step has failed keeps nobody waiting', async () => {
  const result = await failing(() => {
    const endless = (async function* () {
      yield 'begun';
      await new Promise(() => {});
    })();
    void raw.writeStream(endless);
    throw new Error('no');
  });
  expect(result.errors[0]?.cause).toMatchObject({ message: 'no' });
});
