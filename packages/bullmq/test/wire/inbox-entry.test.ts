import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryFields, entryFromFields, fieldsOf, type InboxEntry } from '../../src/wire/inbox-entry.ts';

const worker = fc.record({ id: fc.uuid(), host: fc.string(), pid: fc.nat() });
const entry: fc.Arbitrary<Exclude<InboxEntry, { readonly kind: 'results' }>> = fc.oneof(
  fc.record({ kind: fc.constant('ready' as const), worker, lanes: fc.nat() }),
  fc.record({ kind: fc.constant('refused' as const), worker, reason: fc.string({ unit: 'binary' }) }),
  fc.record({ kind: fc.constant('warning' as const), worker, message: fc.string({ unit: 'binary' }) }),
);

test('what a worker tells is what the coordinator reads', () => {
  fc.assert(
    fc.property(entry, (told) => {
      expect(entryFromFields(entryFields(told))).toEqual(told);
    }),
  );
});

test('an entry of a kind that is not known yet is passed over', () => {
  expect(entryFromFields(['kind', 'farewell', 'data', '{"worker":{}}'])).toBeUndefined();
});

test('fields are read by name, whatever they are named', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([name]) => name }),
      (pairs) => {
        expect(Object.entries(fieldsOf(pairs.flat())).sort()).toEqual(
          pairs.filter(([name]) => name !== '__proto__').sort(),
        );
      },
    ),
  );
});
