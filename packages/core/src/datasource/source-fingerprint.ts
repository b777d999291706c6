import { canonicalHash } from '../definition/canonical.ts';
import type { Datasource } from './datasource.ts';

/** @internal What a datasource says of itself, else a hash of its params and of the text of its `fetch`. */
export async function sourceFingerprint(source: Datasource<unknown, unknown>): Promise<string> {
  const own = await source.fingerprint?.();
  return own ?? canonicalHash([source.params ?? {}, source.fetch], 'describe');
}
