import type { RunDescription } from '../plugin/records.ts';
import { decodeValue, encodeValue } from '../storage/values.ts';

/**
 * A run's description as text, to be sent to those who run its cells elsewhere.
 * @throws UnsupportedValueError when a plugin's `beforeRun` or a datasource's `prepare` gave what is no plain data.
 */
export function descriptionToText(description: RunDescription): string {
  return JSON.stringify(encodeValue(description));
}

/** The description that {@link descriptionToText} was given. @throws RecordUnreadableError */
export function descriptionFromText(text: string): RunDescription {
  return decodeValue(JSON.parse(text)) as RunDescription;
}
