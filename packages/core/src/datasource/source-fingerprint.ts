import { functionFingerprint } from '../code/function-fingerprint.ts';
import { canonicalHash } from '../definition/canonical.ts';
import type { Datasource } from './datasource.ts';

/** @internal What a datasource says of itself, else a hash of its params and of the tokens of its `fetch`. */
export async function sourceFingerprint(source: Datasource<unknown, unknown>): Promise<string> {
  const own = await source.fingerprint?.();
  return own ?? canonicalHash([source.params ?? {}, await functionFingerprint([source.fetch])], 'describe');
}
