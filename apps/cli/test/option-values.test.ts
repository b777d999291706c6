import { describe, expect, test } from 'vitest';
import {
  mebibytes,
  milliseconds,
  positiveNumber,
  versionNumber,
  wholeNumber,
} from '../src/commands/option-values.ts';
import { acceptedKinds } from '../src/commands/run/run-options.ts';

describe('options', () => {
  test.each(['', '0', '-1', '1.5', '1e3', '0x10', 'three', '99999999999999999999'])(
    'a count can not be %j',
    (text) => {
      expect(() => positiveNumber(text)).toThrow('It takes a whole number from 1.');
    },
  );

  test('a seed may be any whole number', () => {
    expect([wholeNumber('-7'), wholeNumber('0'), wholeNumber('4294967295')]).toEqual([-7, 0, 4_294_967_295]);
    expect(() => wholeNumber('1.5')).toThrow('It takes a whole number.');
  });

  test('a time has a unit, or is in milliseconds', () => {
    expect(['250', '500ms', '1.5s', '2m', '1h'].map(milliseconds)).toEqual([
      250, 500, 1500, 120_000, 3_600_000,
    ]);
    for (const wrong of ['', '0', 's', '5d', '-1s', '1 2'])
      expect(() => milliseconds(wrong)).toThrow('It takes a time');
  });

  test('a version is its number, with or without v, and a size is a number of MiB', () => {
    expect(['0', '12', 'v3'].map(versionNumber)).toEqual([0, 12, 3]);
    for (const wrong of ['', 'v', '-1', 'v1.5', 'latest'])
      expect(() => versionNumber(wrong)).toThrow('It takes the number of a version');
    expect(['0', '10', '0.5'].map(mebibytes)).toEqual([0, 10, 0.5]);
    for (const wrong of ['', '-1', '10MB', 'NaN']) expect(() => mebibytes(wrong)).toThrow('number of MiB');
  });

  test('what is accepted comes in a list or one by one, each once, and nothing else is taken', () => {
    expect(acceptedKinds('code, params', acceptedKinds('code'))).toEqual(['code', 'params']);
    for (const wrong of ['', 'code,', 'colour', 'toString'])
      expect(() => acceptedKinds(wrong)).toThrow('code, params, datasource, seed, inputs.');
  });
});
