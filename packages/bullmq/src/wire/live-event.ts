import type { RunEvent } from '@crystallize/core';
import { decodeValue, encodeValue } from '@crystallize/core/storage';

/** Events as they stand in one field of a stream; one with what can't be sent is left out. */
export function eventsToText(events: readonly RunEvent[]): string {
  return JSON.stringify(
    events.flatMap((event) => {
      try {
        return [encodeValue(event)];
      } catch {
        return [];
      }
    }),
  );
}

/** The events that {@link eventsToText} was given. */
export function eventsFromText(text: string): RunEvent[] {
  return (JSON.parse(text) as unknown[]).map((each) => decodeValue(each) as RunEvent);
}
