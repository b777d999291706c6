import { messageOf } from '../plugin/error-record.ts';
import type { RunEvent } from '../plugin/events.ts';
import { decodeValue, encodeValue } from '../storage/values.ts';

/** @internal An event as text. What a log line or a custom event carries that is no plain data is described. */
export function eventToText(event: RunEvent): string {
  try {
    return JSON.stringify(encodeValue(event));
  } catch (error) {
    const instead = `[not sent from the worker: ${messageOf(error)}]`;
    if (event.type === 'log') return JSON.stringify(encodeValue({ ...event, data: instead }));
    if (event.type === 'custom') return JSON.stringify(encodeValue({ ...event, payload: instead }));
    throw error;
  }
}

/** @internal */
export function eventFromText(text: string): RunEvent {
  return decodeValue(JSON.parse(text)) as RunEvent;
}
