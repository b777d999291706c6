import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { treatment as makeTreatment, type Treatment } from '../definition/treatment.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import type { Explanation } from '../execution/resume/explanation.ts';
import { reviveError } from '../plugin/error-record.ts';
import type { ErrorRecord } from '../plugin/records.ts';
import { keepPartialResult } from '../result/partial-result.ts';
import type { Result } from '../result/result.ts';
import { decodeValue, encodeValue } from '../storage/values.ts';
import { type CarriedResult, carryResult, resultFrom } from './carried-result.ts';
import { type CallMethod, type PastCall, PENDING } from './past-call.ts';

/** @internal How a call has ended. */
export type CallEnd =
  | { readonly status: 'resolved'; readonly method: CallMethod; readonly value: unknown }
  /** `partial`: what of a run had finished until then. */
  | { readonly status: 'rejected'; readonly error: ErrorRecord; readonly partial: Result | undefined };

type CarriedEnd =
  | { readonly value: unknown }
  | { readonly error: ErrorRecord; readonly partial?: CarriedResult };

/** @internal As text; as if it were pending where it came to what no text can carry, such as a function. */
export async function callEndToText(end: CallEnd): Promise<string> {
  try {
    if (end.status === 'rejected') {
      const partial = end.partial && (await carryResult(end.partial));
      return JSON.stringify({ error: end.error, ...(partial ? { partial } : {}) } satisfies CarriedEnd);
    }
    const value = await carry(end.method, end.value);
    return JSON.stringify({ value } satisfies CarriedEnd);
  } catch (error) {
    if (error instanceof UnsupportedValueError) return PENDING;
    throw error;
  }
}

/** @internal What the call of the text came to. @throws what it rejected with. */
export async function callEndFromText({ method, experiments }: PastCall, text: string): Promise<unknown> {
  const end = JSON.parse(text) as CarriedEnd;
  const [first] = experiments as [ResolvedExperiment];
  if ('error' in end) {
    const error = reviveError(end.error);
    if (end.partial) keepPartialResult(error, await resultFrom(end.partial, first));
    throw error;
  }
  switch (method) {
    case 'run':
    case 'stream':
    case 'debug':
      return resultFrom(end.value as CarriedResult, first);
    case 'graph.run':
      return forEach(end.value, (value, name) => {
        const own = experiments.find(({ info }) => info.directory === name);
        return resultFrom(value as CarriedResult, own ?? first);
      });
    case 'explain':
      return explanationFrom(end.value);
    case 'graph.explain':
      return forEach(end.value, explanationFrom);
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
      return forEach(value, (one) => carryResult(one as Result));
    case 'explain':
      return carryExplanation(value);
    case 'graph.explain':
      return forEach(value, carryExplanation);
    case 'optimize':
      return carryTreatment(value as Treatment);
    case 'apply':
      return encodeValue(value);
  }
}

/** Does the same with each value of an object. */
async function forEach(
  values: unknown,
  each: (value: unknown, name: string) => unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const entries = Object.entries(values as object).map(async ([name, one]) => [name, await each(one, name)]);
  return Object.fromEntries(await Promise.all(entries));
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
