import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  Artifact,
  ArtifactNotFoundError,
  CorruptArtifactError,
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
import { experimentOf, rejection, replicateIndex } from './support/experiments.ts';

const note = new Artifact('note.txt', textCodec());
const model = new Artifact('models/best.json', jsonCodec<{ readonly n: number }>());
const raw = new Artifact('raw.bin');

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

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
    result.artifacts.map((file) => [file.replicate, file.condition, file.step, file.name].join(' ')),
  ).toEqual([
    '0 baseline work note.txt',
    '0 baseline work models/best.json',
    '0 t work note.txt',
    '0 t work models/best.json',
    '1 baseline work note.txt',
    '1 baseline work models/best.json',
    '1 t work note.txt',
    '1 t work models/best.json',
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

test('without a plugin, an artifact of a cell that ran elsewhere is not found, and that is said', async () => {
  const executor: Plugin = {
    name: 'remote',
    async execute(_run, work) {
      for (const cell of work.cells) {
        const artifacts = [{ step: 'work', name: 'note.txt', size: 0, sha256: hashOf('') }];
        const rest = { metrics: [], steps: [], inputs: [], startedAt: 1, duration: 2, attempts: 1 };
        await work.report({ ...cell, ...rest, status: 'done', artifacts });
      }
    },
  };
  const result = await experimentOf(() => 1, { name: 'remote', plugins: [executor] }).run();
  const file = result.artifact(note);
  const reads = [
    () => file?.bytes(),
    () => file?.text(),
    () => file?.load(),
    () => file?.path(),
    () => Array.fromAsync(file?.stream() ?? []),
  ];
  for (const read of reads) {
    const error = await rejection(Promise.resolve(read()));
    expect(error).toBeInstanceOf(ArtifactNotFoundError);
    expect((error as Error).message).toMatch(
      /'note\.txt' of the step 'work' \(remote, replicate 0 of 'baseline'\) is not in the memory of this process: its cell was restored or ran elsewhere/,
    );
  }
});

test('without a plugin, an artifact that is not what the record says is not given', async () => {
  const executor: Plugin = {
    name: 'changing',
    async execute(_run, work) {
      for (const cell of work.cells) await work.run(cell);
    },
    afterCell: (_cell, record) => {
      const [artifact] = record.artifacts;
      if (artifact) Object.assign(artifact, { sha256: hashOf('other') });
    },
  };
  const experiment = experimentOf(async () => void (await note.write('text')), { plugins: [executor] });
  const file = (await experiment.run()).artifact(note);
  await expect(file?.text()).rejects.toBeInstanceOf(CorruptArtifactError);
  await expect(file?.path()).rejects.toBeInstanceOf(CorruptArtifactError);
});

test('the file of an artifact in memory has its name, stays one file, and is gone when the process has ended', async () => {
  const temp = await mkdtemp(join(tmpdir(), 'artifacts-test-'));
  onTestFinished(() => rm(temp, { recursive: true }));
  const child = fileURLToPath(new URL('fixtures/artifact-path.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=crystallize-source', child], {
    env: { ...process.env, TMPDIR: temp, TMP: temp, TEMP: temp },
  });
  const { path, again, text } = JSON.parse(stdout) as Record<string, string>;
  expect([text, basename(path ?? ''), again]).toEqual(['é', 'note.txt', path]);
  expect(path?.startsWith(temp)).toBe(true);
  expect(await readdir(temp)).toEqual([]);
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
