import { inspect } from 'node:util';
import { PluginError } from '../../errors/run-errors.ts';
import type { Plugin, StoredRun } from '../../plugin/plugin.ts';
import type { RunDefinition } from '../../plugin/records.ts';

/** A field, what it has to be, and whether it is. */
type Field = readonly [name: keyof StoredRun, expected: string, isSound: (value: unknown) => boolean];

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value);
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isIterable = (value: unknown): boolean =>
  isObject(value) && (Symbol.iterator in value || Symbol.asyncIterator in value);
const orNone =
  (isSound: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || isSound(value);
const isDefinition = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { pipeline, conditions, code } = value as Partial<RunDefinition>;
  return Array.isArray(pipeline) && isObject(conditions) && isObject(code) && isObject(code.modules);
};

const fields: readonly Field[] = [
  ['version', 'a whole number, or absent', orNone(isNumber)],
  ['run', 'a text, or absent', orNone((value) => typeof value === 'string')],
  ['seed', 'a whole number, or undefined', orNone(isNumber)],
  ['definition', 'the recorded RunDefinition, or undefined', orNone(isDefinition)],
  ['inputs', 'a list', Array.isArray],
  ['accepted', 'a list of sentences', Array.isArray],
  ['cells', 'an iterable of { record, condition }', isIterable],
  ['has', 'a function, or absent', orNone((value) => typeof value === 'function')],
];

/**
 * @internal Checks what a plugin's `restore` has returned, before anything is read of it.
 * @throws PluginError that names the plugin and every field that is missing or something else.
 */
export function assertStoredRun(plugin: Plugin, value: unknown): asserts value is StoredRun | undefined {
  if (value === undefined) return;
  if (!isObject(value)) {
    throw refusal(
      plugin,
      `it returned ${shown(value)}, and not a StoredRun, or undefined when nothing is stored`,
    );
  }
  const wrong = fields.flatMap(([name, expected, isSound]) => {
    const found = (value as Partial<StoredRun>)[name];
    if (isSound(found)) return [];
    return [`'${name}' is ${found === undefined ? 'missing' : shown(found)}, and has to be ${expected}`];
  });
  if (wrong.length > 0) throw refusal(plugin, `what it returned is no StoredRun: ${wrong.join('; ')}`);
}

function refusal(plugin: Plugin, problem: string): PluginError {
  return new PluginError(plugin.name, 'restore', new TypeError(problem));
}

function shown(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 80, maxArrayLength: 3 });
}
