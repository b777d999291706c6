import { inspect } from 'node:util';
import {
  AsyncExecution,
  type CellRecord,
  datasource,
  Experiment,
  type Plugin,
  pipelineStep,
  secret,
  treatment,
} from '@crystallize/core';
import { expect, test, vi } from 'vitest';
import { experimentOf, recorder, rejection } from './support/experiments.ts';

const canary = (index: number) =>
  `canary-${String(index).padStart(2, '0')}-${(index * 7919).toString(36)}-"quoted"`;

/** Everything that leaves a run, as text. */
async function everything(make: (plugin: Plugin) => Experiment, options: object = {}) {
  const records: CellRecord[] = [];
  const seen: unknown[] = [];
  const plugin: Plugin = {
    name: 'spy',
    commitCell: (_run, record) => void records.push(record),
    onEvent: (_run, event) => void seen.push(event),
    beforeStep: (step) => void seen.push(step.params),
    afterRun: async (run) => void seen.push(await run.definition(), await run.environment(), run.experiment),
  };
  const { events, onEvent } = recorder();
  const result = await make(plugin).run({ onEvent, ...options });
  const { provenance } = result;
  // Of the errors only what they say themselves: their causes are the originals, which no one may change.
  const errors = result.errors.map(({ message, stack }) => [message, stack]);
  const parts = [
    records,
    seen,
    events,
    result.toJSON(),
    errors,
    result.rows(),
    [...provenance.cells()],
    { ...provenance },
    result.warnings,
  ];
  const text = [JSON.stringify(result), ...parts].map(
    (part) => `${JSON.stringify(part)}${inspect(part, { depth: Infinity, maxStringLength: Infinity })}`,
  );
  return { result, text: `${text.join('\n')}${result.toCSV()}` };
}

test('thirty canaries planted wherever a secret can be appear nowhere', async () => {
  const got: unknown[] = [];
  const at = Array.from({ length: 30 }, (_, index) => canary(index));
  const hidden = (index: number) => secret(at[index] ?? '');
  const leak = (index: number) => `leaked ${at[index]} here`;
  const step = pipelineStep({
    name: 'ask',
    params: {
      key: hidden(0),
      open: hidden(1),
      fixed: '',
      apiKey: '',
      nested: { deep: [hidden(4)] } as object,
    },
    setup(ctx) {
      got.push(ctx.get('initial'));
      ctx.log(leak(5), { inside: leak(5) });
    },
    run(data: unknown, ctx, params) {
      got.push(
        params.key,
        params.open,
        params.fixed,
        params.apiKey,
        params.nested,
        ctx.get('treated'),
        ctx.get('password'),
      );
      ctx.log(leak(0), { list: [leak(1)], map: new Map([['k', leak(2)]]), set: new Set([leak(3)]) });
      ctx.log('an error', new Error(leak(4), { cause: { text: leak(5) } }));
      ctx.log(JSON.stringify({ quoted: at[6] }));
      ctx.emit('event', { text: leak(6), authorization: at[7], nested: { token: at[8] } });
      ctx.add('later', hidden(9));
      ctx.add('auth_token', at[10]);
      ctx.add('config', { db: { password: at[11] } });
      ctx.record('echo', leak(9), { tag: leak(10) });
      ctx.record('object', { text: leak(11) });
      return data;
    },
  });
  const read = pipelineStep({
    name: 'read',
    run(data: unknown, ctx) {
      got.push((ctx.get('treated') as string) ?? null, ctx.get('nestedTreatment'));
      if (ctx.replicate === 1)
        throw Object.assign(new Error(leak(12), { cause: new Error(leak(13)) }), {
          field: leak(14),
          secret: 'plain words',
        });
      if (ctx.replicate === 2) throw { text: leak(15) };
      if (ctx.replicate === 3) throw leak(16);
      return data;
    },
  });
  const source = datasource(
    (ctx, { dsKey }) => {
      got.push(dsKey);
      ctx.warn(leak(17));
      ctx.log(leak(18), [leak(19)]);
      // Known from the definition, though the steps that own them have not run.
      ctx.log(`${at[0]} ${at[1]} ${at[2]} ${at[25]}`);
      return 1;
    },
    { dsKey: hidden(17) },
  );
  const learned = Object.fromEntries(
    [0, 5, 6, 7, 8, 12, 13, 14, 15, 16, 18, 19].map((index) => [`k${index}`, hidden(index)]),
  );
  const { result, text } = await everything(
    (plugin) =>
      new Experiment({
        name: 'hush',
        datasource: source,
        pipeline: [
          step({ fixed: hidden(2) as never, apiKey: at[3] as string, key: hidden(26) as never }),
          read(),
        ],
        initialContext: { initial: hidden(20), credentials: at[21], ...learned },
        treatments: [
          treatment('t', {
            treated: hidden(22),
            password: at[23],
            open: hidden(24),
            nestedTreatment: { list: [hidden(25)] },
          }),
          treatment('f', (ctx) => {
            ctx.add('treated', hidden(27));
            ctx.add('clientSecret', at[28]);
            ctx.add('wrapped', { of: secret({ user: at[29] }) });
          }),
        ],
        replicates: 4,
        seed: 1,
        plugins: [plugin, AsyncExecution({ concurrency: 4 })],
      }) as unknown as Experiment,
  );
  const bare = at.map((value) => value.slice(0, value.indexOf('"')));
  expect(bare.filter((value) => text.includes(value))).toEqual([]);
  expect(text).toContain('[redacted]');
  // The steps themselves got every one of them as it is.
  const whole = JSON.stringify(got);
  for (const index of [1, 2, 3, 4, 17, 20, 22, 23, 24, 25, 26, 27])
    expect(whole).toContain(JSON.stringify(at[index]).slice(1, -1));
  expect(result.errors).toHaveLength(9);
  expect((result.errors[0]?.cause as Error).message).toBe(leak(12));
});

test('a secret that is no text is redacted wherever it is shown', async () => {
  const use = pipelineStep({
    name: 'use',
    params: { pin: 0, id: 0 },
    run: (_data: unknown, ctx, params) => void ctx.record('sum', params.pin + params.id),
  });
  const { result, text } = await everything(
    (plugin) =>
      new Experiment({
        datasource: datasource(() => 0),
        pipeline: [use({ id: secret(4711_0001) })],
        treatments: [treatment('baseline', { pin: secret(4711_0000) })],
        plugins: [plugin],
      }) as unknown as Experiment,
  );
  expect(result.baseline.numbers('sum')).toEqual([94220001]);
  expect(text).not.toMatch(/4711000/);
  expect(result.provenance.cell('baseline', 0)?.steps[0]?.params).toEqual({
    id: '[redacted]',
    pin: '[redacted]',
  });
});

test('no part of a secret is left where a long text is cut', async () => {
  const experiment = experimentOf((_data, ctx) => ctx.add('text', `${'x'.repeat(195)}hidden-value and more`));
  const result = await experiment.run({ treatments: [treatment('baseline', { k: secret('hidden-value') })] });
  expect(JSON.stringify(result.provenance.cell('baseline', 0)?.steps)).not.toContain('hidde');
});

test('of two secrets of which one begins with the other, nothing of either is left', async () => {
  const { events, onEvent } = recorder();
  const experiment = experimentOf((_data, ctx) => ctx.log('found abcd-efgh and abcd'));
  await experiment.run({
    onEvent,
    treatments: [treatment('baseline', { one: secret('abcd'), other: secret('abcd-efgh') })],
  });
  expect(events.find((event) => event.type === 'log')).toMatchObject({
    message: 'found [redacted] and [redacted]',
  });
});

test('ordinary keys and counts of tokens stay readable', async () => {
  const values = {
    maxTokens: 5,
    token_count: 7,
    tokens: 'a b',
    passwordless: 'yes',
    model: 'm',
    keyboard: 'qwerty',
  };
  const experiment = experimentOf((_data, ctx) => Object.keys(values).forEach((key) => ctx.get(key)));
  const result = await experiment.run({ treatments: [treatment('baseline', values)] });
  expect(result.provenance.cell('baseline', 0)?.steps[0]?.read).toEqual(values);
});

test.each([
  'apiKey',
  'api_key',
  'API-KEY',
  'password',
  'passphrase',
  'clientSecret',
  'authorization',
  'accessToken',
  'token',
  'private_key',
])('the key %s looks like a credential', async (key) => {
  const experiment = experimentOf((_data, ctx) => ctx.get(key));
  const result = await experiment.run({ treatments: [treatment('baseline', { [key]: 'value of it' })] });
  expect(result.provenance.cell('baseline', 0)?.steps[0]?.read).toEqual({ [key]: '[redacted]' });
});

test('a secret shows nothing of itself', () => {
  const hidden = secret('plain');
  expect(
    [
      String(hidden),
      JSON.stringify({ hidden }),
      inspect(hidden),
      inspect({ hidden }),
      JSON.stringify(Object.getOwnPropertyNames(hidden)),
    ].join(),
  ).not.toContain('plain');
});

test('data that is in itself can be logged', async () => {
  const { events, onEvent } = recorder();
  const loop: Record<string, unknown> = { text: 'say hidden-value' };
  for (const key of ['a', 'b', 'c']) loop[key] = loop;
  const experiment = experimentOf((_data, ctx) => ctx.log('loop', loop));
  await experiment.run({ onEvent, treatments: [treatment('baseline', { k: secret('hidden-value') })] });
  const data = (events.find((event) => event.type === 'log') as { data: typeof loop }).data;
  expect(data['text']).toBe('say [redacted]');
  expect((data['a'] as typeof loop)['b']).toBe(data);
  expect(loop['text']).toBe('say hidden-value');
});

test('what a run rejects with names no secret', async () => {
  const experiment = experimentOf(() => {
    throw new Error('with hidden-value');
  });
  const options = { failFast: true, treatments: [treatment('baseline', { k: secret('hidden-value') })] };
  expect(((await rejection(experiment.run(options))) as Error).message).toMatch(/with \[redacted\]/);
});

test('debug() prints no secret', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
  const experiment = experimentOf((_data, ctx) => {
    ctx.log(`the key is ${ctx.get<string>('k')}`, { k: ctx.get('k') });
    ctx.record('k', ctx.get('k'));
  });
  await experiment.debug(treatment('baseline', { k: secret('hidden-value') }) as never);
  const text = printed.mock.calls.flat().join('\n');
  printed.mockRestore();
  expect(text).toContain('the key is [redacted]');
  expect(text).not.toContain('hidden-value');
});

test('a key of a Map that has no text is no name of a credential, and no trouble', async () => {
  const bare: object = Object.create(null);
  const experiment = experimentOf((_data, ctx) => {
    ctx.add(
      'by object',
      new Map([
        [bare, 'hidden-value'],
        [['api key'], 'kept'],
      ] as [object, string][]),
    );
    ctx.record('size', ctx.get<Map<object, string>>('by object')?.size);
  });
  const options = { treatments: [treatment('baseline', { k: secret('hidden-value') })] };
  const result = await experiment.run(options);
  expect(result.baseline.metrics).toEqual({ size: [2] });
  expect(JSON.stringify([...result.provenance.cells()])).not.toContain('hidden-value');
});
