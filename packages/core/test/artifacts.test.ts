import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Artifact,
  type Codec,
  Experiment,
  jsonCodec,
  PipelineStep,
  type Plugin,
  pipelineStep,
  type StepContext,
  textCodec,
  treatment,
} from '@crystallize/core';
import { expect, onTestFinished, test } from 'vitest';
import { experimentOf, recorder, replicateIndex } from './support/experiments.ts';

const note = new Artifact('note.txt', textCodec());
const model = new Artifact('models/best.json', jsonCodec<{ readonly n: number }>());
const raw = new Artifact('raw.bin');

async function tempFile(content: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'artifacts-test-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, 'file');
  await writeFile(path, content);
  return path;
}

test('without a plugin, artifacts are in memory on the result, with size and sha256', async () => {
  const experiment = experimentOf(
    async (data) => {
      const record = await note.write(`é${data}`);
      expect(record).toEqual({
        step: 'work',
        name: 'note.txt',
        size: 3,
        sha256: createHash('sha256').update(`é${data}`).digest('hex'),
      });
      await model.write({ n: data });
    },
    { replicates: 2, name: 'kept' },
  );
  const result = await experiment.run({ treatments: [treatment('t', {})] });
  expect(
    result.artifacts.map((file) => `${file.replicate}/${file.condition}/${file.step}/${file.name}`),
  ).toEqual([
    '0/baseline/work/note.txt',
    '0/baseline/work/models/best.json',
    '0/t/work/note.txt',
    '0/t/work/models/best.json',
    '1/baseline/work/note.txt',
    '1/baseline/work/models/best.json',
    '1/t/work/note.txt',
    '1/t/work/models/best.json',
  ]);
  const file = result.artifact(note, { replicate: 1, condition: 't' });
  expect(file).toMatchObject({ experiment: 'kept', replicate: 1, condition: 't', size: 3 });
  expect(await file?.load()).toBe('é1');
  expect(await file?.text()).toBe('é1');
  expect(await result.artifact(model, { replicate: 1 })?.load()).toEqual({ n: 1 });
  expect(await result.artifact('models/best.json', { replicate: 1 })?.json()).toEqual({ n: 1 });
  expect(Buffer.concat(await Array.fromAsync(file?.stream() ?? []))).toEqual(Buffer.from('é1'));
  expect(await readFile((await file?.path()) ?? '', 'utf8')).toBe('é1');
  expect(result.artifact('nope')).toBeUndefined();
  expect(result.artifact(note, { step: 'other' })).toBeUndefined();
});

test('an artifact by name is decoded where it is a declared output, and else is its bytes', async () => {
  const step = pipelineStep({ name: 's', run: async (n: number) => void (await model.write({ n })) });
  const make = (outputs: readonly (typeof model)[]) =>
    new Experiment({ datasource: replicateIndex(), pipeline: [step()], outputs });
  expect(await (await make([model]).run()).artifact('models/best.json')?.load()).toEqual({ n: 0 });
  expect(await (await make([]).run()).artifact('models/best.json')?.load()).toBeInstanceOf(Uint8Array);
});

test('writeStream takes bytes and texts as they come, writeFile a file', async () => {
  const path = await tempFile('from a file');
  const streamed = new Artifact('streamed');
  const experiment = experimentOf(async () => {
    await streamed.writeStream(
      (async function* () {
        yield 'é';
        yield new Uint8Array([1, 2]);
      })(),
    );
    await raw.writeFile(path);
    await new Artifact('list').writeStream(['a', 'b']);
  });
  const result = await experiment.run();
  expect(await result.artifact(streamed)?.bytes()).toEqual(new Uint8Array([...Buffer.from('é'), 1, 2]));
  expect(await result.artifact(raw)?.text()).toBe('from a file');
  expect(await result.artifact('list')?.text()).toBe('ab');
});

test("artifacts are written in a class's step, in helpers, and with ctx.write in callbacks that lose the step", async () => {
  class Writing extends PipelineStep<number, number> {
    async run(data: number, ctx: StepContext) {
      const helper = async () => note.write('helper');
      await Promise.all([helper(), ctx.write(model, { n: data })]);
      return data;
    }
  }
  const result = await new Experiment({ datasource: replicateIndex(), pipeline: [new Writing()] }).run();
  expect(await result.artifact(note, { step: 'Writing' })?.load()).toBe('helper');
  expect(await result.artifact(model)?.load()).toEqual({ n: 0 });
});

test.each([
  ['a typed array', new Uint8Array([1, 2])],
  ['a Buffer', Buffer.from([1, 2])],
])('the bytes are those of the moment of writing: %s', async (_what, bytes) => {
  const experiment = experimentOf(async () => {
    await raw.write(bytes);
    bytes.fill(9);
  });
  const file = (await experiment.run()).artifact(raw);
  expect(await file?.bytes()).toEqual(new Uint8Array([1, 2]));
  (await file?.bytes())?.fill(7);
  expect(await file?.bytes()).toEqual(new Uint8Array([1, 2]));
});

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
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
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
