import { afterAll, describe } from 'vitest';
import { experimentLaws } from './experiments/experiment-laws.ts';
import { startFakeS3 } from './servers/fake-s3.ts';

const fake = await startFakeS3();
fake.bucket('experiments');
afterAll(() => fake[Symbol.asyncDispose]());

describe('experiments on a store', () => experimentLaws(fake));
