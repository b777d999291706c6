import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Artifact, Experiment, ExperimentInvalidError, pipelineStep, secret } from '@crystallize/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fit, idOf, richParams } from './fixtures/identified.ts';
import { rejection, replicateIndex } from './support/experiments.ts';

const fixture = fileURLToPath(new URL('fixtures/identified.ts', import.meta.url));

test('the id is the same in another process', async () => {
  const args = ['--conditions=crystallize-source', fixture];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout.trim()).toBe(idOf(richParams()));
});

test('the id is sha256 in lower-case hex', () => {
  expect(idOf({})).toMatch(/^[0-9a-f]{64}$/);
});

test('an experiment without a name is kept under its id', () => {
  const experiment = new Experiment({ datasource: replicateIndex(), pipeline: [fit({})] });
  expect(experiment.info.directory).toBe(experiment.id);
  expect(Object.isFrozen(experiment.info) && Object.isFrozen(experiment.info.steps)).toBe(true);
  expect(
    new Experiment({ name: 'n', datasource: replicateIndex(), pipeline: [fit({})] }).info.directory,
  ).toBe('n');
});

test('the order of keys, Map entries and Set members makes no difference', () => {
  const reversed = <T>(list: readonly T[]) => [...list].reverse();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.bigInt()))),
      (entries) => {
        const unique = [...new Map(entries)];
        const value = (list: typeof unique) => ({
          object: Object.fromEntries(list),
          map: new Map(list),
          set: new Set(list.map(([key]) => key)),
        });
        expect(idOf({ value: value(reversed(unique)) })).toBe(idOf({ value: value(unique) }));
      },
    ),
  );
});

const distinct: readonly (readonly [string, unknown, unknown])[] = [
  ['numbers', 1, 2],
  ['a number and its text', 1, '1'],
  ['zero and minus zero', 0, -0],
  ['NaN and null', Number.NaN, null],
  ['null and undefined', null, undefined],
  ['a bigint and a number', 1n, 1],
  ['dates', new Date(0), new Date(1)],
  ['a date and its number', new Date(0), 0],
  ['maps', new Map([['a', 1]]), new Map([['a', 2]])],
  ['a map and an object', new Map([['a', 1]]), { a: 1 }],
  ['a set and a list', new Set([1]), [1]],
  ['typed arrays of two kinds', new Uint8Array([1, 2]), new Int8Array([1, 2])],
  ['typed arrays', new Float64Array([1]), new Float64Array([2])],
  ['artifacts of two names', new Artifact('a'), new Artifact('b')],
  ['the order of a list', [1, 2], [2, 1]],
  ['a list and a list in a list', [1], [[1]]],
  ['texts that look alike when joined', ['a', 'b'], ['a,b']],
];

test.each(distinct)('the id tells apart %s', (_what, one, other) => {
  expect(idOf({ value: one })).not.toBe(idOf({ value: other }));
});

test('a part of a typed array counts as what it shows, not as its buffer', () => {
  const whole = new Uint8Array([9, 1, 2, 9]);
  expect(idOf({ value: whole.subarray(1, 3) })).toBe(idOf({ value: new Uint8Array([1, 2]) }));
});

test('an artifact counts by its name, whatever its codec', () => {
  const codec = { writer: () => 'x', loader: () => 1 };
  expect(idOf({ value: new Artifact('a', codec) })).toBe(idOf({ value: new Artifact('a') }));
});

test('a secret counts without its value', () => {
  expect(idOf({ value: secret('one') })).toBe(idOf({ value: secret('other') }));
});

test('the order and the names of the steps are part of the id, open params are not', () => {
  const id = (...steps: readonly ReturnType<typeof fit>[]) =>
    new Experiment({ datasource: replicateIndex(), pipeline: steps }).id;
  const other = pipelineStep({ name: 'fit', params: { value: 7 as unknown }, run: (data: unknown) => data });
  expect(id(fit({}), fit({}, { name: 'b' }))).not.toBe(id(fit({}, { name: 'b' }), fit({})));
  expect(id(other() as never)).toBe(id(fit({})));
  expect(id(fit({}, { name: 'b' }))).not.toBe(id(fit({})));
});

class Opaque {
  readonly inside = 1;
}
const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

test.each([
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['an instance of a class', new Opaque()],
  ['a cycle', cycle],
  ['a function deep inside', { list: [{ f: () => 1 }] }],
])('%s as a param is refused unless the experiment has a name', async (_what, value) => {
  const unnamed = new Experiment({ datasource: replicateIndex(), pipeline: [fit({ value })] });
  const error = (await rejection(unnamed.run())) as ExperimentInvalidError;
  expect(error).toBeInstanceOf(ExperimentInvalidError);
  expect(error.message).toContain('give the experiment a name');
  await new Experiment({
    name: 'named',
    datasource: replicateIndex(),
    pipeline: [fit({ value })],
  }).validate();
});

test('the refusal names where in the params the value is', async () => {
  const unnamed = new Experiment({
    datasource: replicateIndex(),
    pipeline: [fit({ value: { list: [() => 1] } })],
  });
  const error = (await rejection(unnamed.validate())) as Error;
  expect(error.message).toContain('value.list.0');
});

test('the id is frozen: a change of its form would part stored runs from their experiments', () => {
  expect(idOf(richParams())).toBe('c762db683612262583d6e529f1f69e6bdde12d26ea3546a60ae8647eef01fc5e');
});

test('the option module is taken as a string, a URL or an object with a url', () => {
  const url = 'file:///somewhere/else.ts';
  for (const module of [url, new URL(url), { url, export: 'make' }, { url: new URL(url), export: 'make' }]) {
    const definition = { name: 'm', datasource: replicateIndex, pipeline: [], module } as const;
    expect(new Experiment(definition).info.module).toBe(url);
  }
});
