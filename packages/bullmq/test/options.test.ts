import { BullmqExecution, runQueueWorker } from '@crystallize/bullmq';
import { expect, test } from 'vitest';
import { addressOf } from '../src/connection/address.ts';

test('wrong options of the executor are told all at once, when it is made', () => {
  expect(() => new BullmqExecution({ queue: 'a:b', inFlight: 0, orphanGrace: 10, awaitWorkers: -1 })).toThrow(
    expect.objectContaining({
      code: 'QUEUE_OPTIONS_INVALID',
      message: expect.stringMatching(/queue is a name.*inFlight is.*orphanGrace is.*awaitWorkers is/),
    }),
  );
  expect(BullmqExecution({ queue: 'a' }).name).toBe('@crystallize/bullmq');
});

test('wrong options of a worker are told all at once', async () => {
  const wrong = { queue: '', concurrency: 0, lease: 1, root: 'here', runtime: 'fork' as 'child_process' };
  await expect(runQueueWorker(wrong)).rejects.toMatchObject({
    code: 'QUEUE_OPTIONS_INVALID',
    message: expect.stringMatching(/queue is.*concurrency is.*lease is.*runtime is.*root is/),
  });
});

test('what is no address of Redis is refused without being repeated', async () => {
  const failing = runQueueWorker({ queue: 'a', connection: 'http://user:hidden@host' });
  await expect(failing).rejects.toMatchObject({
    code: 'QUEUE_OPTIONS_INVALID',
    message: expect.not.stringContaining('hidden'),
  });
});

test('an address is shown without user, password and query', () => {
  expect(addressOf('rediss://user:hidden@host:1/2?token=hidden')).toBe('rediss://host:1/2');
  expect(addressOf({ host: 'host', password: 'hidden', db: 3 })).toBe('redis://host:6379/3');
  expect(addressOf({ path: '/run/redis.sock', password: 'hidden' })).toBe('the socket /run/redis.sock');
  expect(addressOf('not a URL, with a secret')).toBe('the given address');
});
