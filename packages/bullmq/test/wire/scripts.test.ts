import type { RunDefinition, RunHandle } from '@crystallize/core';
import { cellRecordToText } from '@crystallize/core/worker';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLeftResults } from '../../src/coordinator/left-results.ts';
import { QueueKeys } from '../../src/wire/queue-keys.ts';
import { attend, isCurrent, longDead, sendLive, signOfLife, takeOver, tell } from '../../src/wire/scripts.ts';
import { NO_REDIS, RedisServer } from '../support/redis-server.ts';

const keys = new QueueKeys('q');

describe.skipIf(NO_REDIS)(`in Redis${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  let server: RedisServer;
  let redis: Redis;

  beforeAll(async () => {
    server = await RedisServer.start();
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    await redis.flushall();
    await redis.set(keys.owner('origin'), 'run');
    await redis.set(keys.lock('run', 'job'), 'token');
    await redis.hset(keys.job('run', 'job'), 'data', '{}');
  });

  const told = (token = 'token', run = 'run', job = 'job') =>
    tell.run(
      redis,
      [keys.lock('run', job), keys.job('run', job), keys.owner('origin'), keys.inbox('origin')],
      [token, run, 60_000, job, '{}', 0, 3],
    );
  const current = (token = 'token', run = 'run') =>
    isCurrent.run(redis, [keys.lock('run', 'job'), keys.owner('origin')], [token, run]);

  test('results count from the worker that has the job, and which cells were told of stays with the job', async () => {
    expect(await current()).toBe(1);
    expect(await told()).toBe(1);
    expect(await redis.xlen(keys.inbox('origin'))).toBe(1);
    expect(await redis.hkeys(keys.job('run', 'job'))).toEqual(['data', 'told:0', 'told:3']);
    expect(await redis.pttl(keys.inbox('origin'))).toBeGreaterThan(0);
  });

  test('results count no more once another worker has the job', async () => {
    expect(await told('earlier')).toBe(0);
    expect(await current('earlier')).toBe(0);
    await redis.del(keys.lock('run', 'job'));
    expect(await told()).toBe(0);
    expect(await redis.exists(keys.inbox('origin'))).toBe(0);
  });

  test('results count no more once another run goes on with what was begun, or the job is gone', async () => {
    expect(await takeOver.run(redis, [keys.owner('origin'), keys.runs], ['other', 60_000])).toBe('run');
    expect(await told()).toBe(0);
    expect(await current()).toBe(0);
    await redis.set(keys.owner('origin'), 'run');
    await redis.del(keys.job('run', 'job'));
    expect(await told()).toBe(0);
    expect(await redis.exists(keys.inbox('origin'))).toBe(0);
  });

  test('a sign of life tells whether the run is still this coordinator’s, and known', async () => {
    const sign = () =>
      signOfLife.run(
        redis,
        [
          keys.owner('origin'),
          keys.runs,
          keys.description('run'),
          keys.inbox('origin'),
          keys.definition('origin'),
        ],
        ['run', 10_000, 60_000],
      );
    expect(await sign()).toBe('lost');
    await redis.set(keys.description('run'), '{}');
    expect(await sign()).toBe('alive');
    expect(await attend.run(redis, [keys.workers, keys.runs], ['worker', 5000])).toEqual(['run', 1]);
    expect(await longDead.run(redis, [keys.runs], [1])).toEqual([]);
    await redis.set(keys.owner('origin'), 'other');
    expect(await sign()).toBe('taken');
    await redis.del(keys.owner('origin'));
    expect(await sign()).toBe('lost');
  });

  test('a run without a sign of life is seen as that, and is long dead after a while', async () => {
    await redis.zadd(keys.runs, Date.now() - 5000, 'run');
    expect(await attend.run(redis, [keys.workers, keys.runs], ['worker', 5000])).toEqual(['run', 0]);
    expect(await longDead.run(redis, [keys.runs], [60_000])).toEqual([]);
    expect(await longDead.run(redis, [keys.runs], [1000])).toEqual(['run']);
  });

  test('live events of a run that has ended are dropped', async () => {
    const send = () => sendLive.run(redis, [keys.events('run'), keys.description('run')], [10, 60_000, '[]']);
    expect(await send()).toBe(0);
    await redis.set(keys.description('run'), '{}');
    expect(await send()).toBe(1);
    expect(await redis.xlen(keys.events('run'))).toBe(1);
  });

  test('results of an earlier coordinator are taken when the same code has computed them', async () => {
    const definition: RunDefinition = {
      pipeline: [{ step: 'a', params: 'p', code: 'c' }],
      conditions: { baseline: 'b' },
      initialContext: 'i',
      datasource: 'd',
      code: { modules: {}, packages: {}, uncovered: [] },
    };
    const run = (now: RunDefinition) =>
      ({ origin: 'origin', definition: () => Promise.resolve(now) }) as unknown as RunHandle;
    const record = {
      ...{ replicate: 2, condition: 'baseline', seed: 9, status: 'done' as const, attempts: 1 },
      ...{ metrics: [], artifacts: [], steps: [], inputs: [], startedAt: 5, duration: 1 },
    };
    const entry = (status: 'done' | 'failed') =>
      JSON.stringify({ worker: {}, cells: [{ index: 0, record: cellRecordToText({ ...record, status }) }] });
    await redis.xadd(keys.inbox('origin'), '*', 'kind', 'results', 'job', '1', 'data', entry('done'));
    await redis.xadd(keys.inbox('origin'), '*', 'kind', 'results', 'job', '1', 'data', entry('done'));
    await redis.xadd(keys.inbox('origin'), '*', 'kind', 'results', 'job', '2', 'data', entry('failed'));
    expect(await readLeftResults(redis, keys, run(definition))).toEqual([]);
    await redis.set(keys.definition('origin'), JSON.stringify(definition));
    expect(await readLeftResults(redis, keys, run(definition))).toEqual([{ record, condition: 'b' }]);
    const changed = { ...definition, pipeline: [{ step: 'a', params: 'p', code: 'other' }] };
    expect(await readLeftResults(redis, keys, run(changed))).toEqual([]);
    // Conditions are compared one by one, where the run is planned.
    const more = { ...definition, conditions: { baseline: 'b', more: 'm' } };
    expect(await readLeftResults(redis, keys, run(more))).toHaveLength(1);
  });
});
