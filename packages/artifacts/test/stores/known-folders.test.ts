import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownFolders } from '../../src/fs-store/known-folders.ts';

const name = fc.constantFrom('a', 'b', 'ab');
const folder = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const call = fc.record({ call: fc.constantFrom('set', 'set', 'delete', 'deleteAll'), folder });

test('a folder is forgotten together with all below it, and no other', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      const known = new KnownFolders();
      const model = new Set<string>();
      for (const { call, folder } of calls) {
        if (call === 'set') {
          known.set(folder, true);
          model.add(folder);
        } else if (call === 'delete') {
          known.delete(folder);
          model.delete(folder);
        } else {
          known.deleteAll(folder);
          for (const one of model) if (one === folder || one.startsWith(`${folder}/`)) model.delete(one);
        }
        for (const one of calls) expect(known.get(one.folder) === true).toBe(model.has(one.folder));
      }
    }),
  );
});

test('of very many folders the oldest that are safe are forgotten, and those below a folder still with it', () => {
  const known = new KnownFolders();
  const unsafe = Promise.resolve();
  known.set('run', unsafe);
  for (let index = 0; index < 20_000; index++) known.set(`run/${index}`, true);
  expect(known.get('run')).toBe(unsafe);
  expect(known.get('run/0')).toBeUndefined();
  expect([known.get('run/15000'), known.get('run/19999')]).toEqual([true, true]);
  known.deleteAll('run');
  expect([known.get('run'), known.get('run/19999')]).toEqual([undefined, undefined]);
});
