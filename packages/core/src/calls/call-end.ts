import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { treatment as makeTreatment, type Treatment } from '../definition/treatment.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import type { Explanation } from '../execution/resume/explanation.ts';
import { reviveError } from '../plugin/error-record.ts';
import type { ErrorRecord } from '../plugin/records.ts';
import type { Result } from '../result/result.ts';
import { decodeValue, encodeValue } from '../storage/values.ts';
import { type CarriedResult, carryResult, resultFrom } from './carried-result.ts';
import { type CallMethod, type PastCall, PENDING } from './past-call.ts';

/** @internal How a call has ended. */
export type CallEnd =
  | { readonly status: 'resolved'; readonly method: CallMethod; readonly value: unknown }
  | { readonly status: 'rejected'; readonly error: ErrorRecord };

type CarriedEnd = { readonly value: unknown } | { readonly error: ErrorRecord };

/** @internal As text; as if it were pending where it came to what no text can carry, such as a function. */
export async function callEndToText(end: CallEnd): Promise<string> {
  if (end.status === 'rejected') return JSON.stringify({ error: end.error } satisfies CarriedEnd);
  try {
    const value = await carry(end.method, end.value);
    return JSON.stringify({ value } satisfies CarriedEnd);
  } catch (error) {
    if (error instanceof UnsupportedValueError) return PENDING;
    throw error;
  }
}

/** @internal What the call of the text came to. @throws what it rejected with. */
export function callEndFromText({ method, experiments }: PastCall, text: string): unknown {
  const end = JSON.parse(text) as CarriedEnd;
  if ('error' in end) throw reviveError(end.error);
  const [first] = experiments as [ResolvedExperiment];
  switch (method) {
    case 'run':
    case 'stream':
    case 'debug':
      return resultFrom(end.value as CarriedResult, first);
    case 'graph.run':
      return byName(end.value, (value, name) => {
        const own = experiments.find(({ info }) => info.directory === name);
        return resultFrom(value as CarriedResult, own ?? first);
      });
    case 'explain':
      return explanationFrom(end.value);
    case 'graph.explain':
      return byName(end.value, explanationFrom);
    case 'optimize': {
      const { name, values } = decodeValue(end.value) as Pick<Treatment, 'name' | 'values'>;
      return makeTreatment(name, values ?? {});
    }
    case 'apply':
      return decodeValue(end.value);
  }
}

async function carry(method: CallMethod, value: unknown): Promise<unknown> {
  switch (method) {
    case 'run':
    case 'stream':
    case 'debug':
      return carryResult(value as Result);
    case 'graph.run':
      return carryEach(value, (one) => carryResult(one as Result));
    case 'explain':
      return carryExplanation(value);
    case 'graph.explain':
      return carryEach(value, carryExplanation);
    case 'optimize':
      return carryTreatment(value as Treatment);
    case 'apply':
      return encodeValue(value);
  }
}

async function carryEach(value: unknown, each: (value: unknown) => unknown): Promise<unknown> {
  const entries = Object.entries(value as object).map(async ([name, one]) => [name, await each(one)]);
  return Object.fromEntries(await Promise.all(entries));
}

function byName(value: unknown, each: (value: unknown, name: string) => unknown): unknown {
  return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, each(one, name)]));
}

function carryExplanation(value: unknown): unknown {
  return encodeValue(Object.fromEntries(Object.entries(value as object)));
}

function explanationFrom(value: unknown): Explanation {
  const plain = decodeValue(value) as Omit<Explanation, typeof Symbol.iterator>;
  return { ...plain, [Symbol.iterator]: () => plain.cells.values() };
}

function carryTreatment({ name, values, apply, datasource }: Treatment): unknown {
  if (apply || datasource) {
    throw new UnsupportedValueError('treatment', 'a function or a datasource', 'It stays in its process.');
  }
  return encodeValue({ name, values });
}
