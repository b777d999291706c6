import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@crystallize/artifacts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIG_NAMES, findConfig } from '../src/config/find-config.ts';
import { parseConfig } from '../src/config/parse-config.ts';

const NAME = 'crystallize.config.ts';

describe('what a config file exports', () => {
  test.each<[what: string, config: object]>([
    ['nothing at all', {}],
    ['options that are left open', { store: undefined, plugins: undefined, experiments: undefined }],
  ])('may be %s', (_what, config) => {
    expect(parseConfig(config, NAME)).toEqual({ store: undefined, plugins: [], experiments: undefined });
  });

  test.each([memoryStore(), 's3://lab/penguins', 'runs', () => 'runs'])(
    'may name the store as %s',
    (store) => {
      expect(parseConfig({ store }, NAME).store).toBe(store);
    },
  );

  test.each<[what: string, config: unknown, says: string]>([
    ['no default export', undefined, 'is an object of options, and it has none. Write export default'],
    ['null', null, 'and this is null'],
    ['a list', [], 'and this is a list'],
    ['a function', () => ({}), 'and this is a function'],
    [
      'an unknown option',
      { stroe: 'runs' },
      "has the option 'stroe', which is unknown. Did you mean 'store'?",
    ],
    [
      'an inherited name',
      { toString: 1 },
      "the option 'toString', which is unknown. Its options are: 'store',",
    ],
    ['an empty store', { store: '' }, "such as 's3://bucket/prefix', the path of a folder"],
    ['a store that is none', { store: { put() {} } }, 'and this is another object.'],
    ['a store that is a number', { store: 3 }, 'and this is a number.'],
    ['one plugin', { plugins: { name: 'a' } }, 'The option plugins of crystallize.config.ts is a list of'],
    [
      'a plugin without a name',
      { plugins: [{}] },
      'objects with a name, and this is a list of something else.',
    ],
    ['one file', { experiments: 'a.ts' }, "such as ['experiments/*.experiment.ts'], and this is 'a.ts'."],
    ['files that are none', { experiments: [3] }, 'and this is a list of something else.'],
  ])('can not be %s', (_what, config, says) => {
    expect(() => parseConfig(config, NAME)).toThrow(says);
  });

  test('is told without what a terminal would obey', () => {
    expect(() => parseConfig({ '\x1b[2Jx': 1 }, NAME)).toThrow("has the option 'x'");
  });
});

describe('the config file', () => {
  let root: string;
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'crystallize-config-')));
    await mkdir(join(root, 'near/deep'), { recursive: true });
    // A folder of that name is no config.
    await mkdir(join(root, 'near/deep', NAME));
    for (const path of [NAME, 'near/crystallize.config.mjs', 'near/crystallize.config.js'])
      await writeFile(join(root, path), '');
  });
  afterAll(() => rm(root, { recursive: true }));

  test('is the nearest from the folder upwards; in one folder TypeScript comes first', () => {
    expect(findConfig(undefined, join(root, 'near/deep'))).toBe(join(root, 'near/crystallize.config.js'));
    expect(findConfig(undefined, root)).toBe(join(root, NAME));
    expect(CONFIG_NAMES[0]).toBe(NAME);
  });

  test('is the one that was named, or none', () => {
    expect(findConfig('../crystallize.config.ts', join(root, 'near'))).toBe(join(root, NAME));
    expect(findConfig(false, root)).toBeUndefined();
    expect(() => findConfig('other.ts', root)).toThrow('There is no config file other.ts.');
  });
});
