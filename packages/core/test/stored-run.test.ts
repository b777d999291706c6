import { type Plugin, PluginError } from '@crystallize/core';
import { expect, test } from 'vitest';
import { assertStoredRun } from '../src/execution/resume/assert-stored-run.ts';

const plugin: Plugin = { name: 'keeper' };
const definition = { pipeline: [], conditions: {}, code: { modules: {} } };
const sound = { seed: undefined, definition: undefined, inputs: [], accepted: [], cells: [] };

test.each([
  ['nothing', undefined],
  ['a run without anything optional', sound],
  ['a run with all of it', { ...sound, version: 0, seed: 7, definition, has: async () => true }],
  ['cells that come one by one', { ...sound, cells: (async function* () {})() }],
])('%s can be restored', (_what, value) => {
  expect(() => assertStoredRun(plugin, value)).not.toThrow();
});

test.each([
  ['null', null, /it returned null, and not a StoredRun, or undefined when nothing is stored/],
  ['a number', 5, /it returned 5,/],
  [
    'an empty object',
    {},
    /'inputs' is missing, and has to be a list; 'accepted' is missing, .*; 'cells' is missing, and has to be an iterable/,
  ],
  ['cells that are a number', { ...sound, cells: 3 }, /'cells' is 3,/],
  ['cells in a text', { ...sound, cells: 'abc' }, /'cells' is 'abc',/],
  ['a seed that is a text', { ...sound, seed: '7' }, /'seed' is '7',/],
  ['a version that is a text', { ...sound, version: 'v1' }, /'version' is 'v1',/],
  ['a definition that is a text', { ...sound, definition: 'd' }, /'definition' is 'd',/],
  [
    'a definition without code',
    { ...sound, definition: { ...definition, code: undefined } },
    /'definition' is \{/,
  ],
  ['a has that is no function', { ...sound, has: true }, /'has' is true, and has to be a function/],
])('what restore returned is refused, naming the plugin and what is wrong: %s', (_what, value, problem) => {
  const check = () => assertStoredRun(plugin, value);
  expect(check).toThrow(PluginError);
  expect(check).toThrow(/^The plugin 'keeper' failed in restore: /);
  expect(check).toThrow(problem);
});
