import type { ReadableStore } from '@crystallize/core/storage';

/** Everything in a store by key, logs among it, as text; without locks. */
export async function snapshot(store: ReadableStore, folder: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for await (const { key } of store.list(folder)) {
    if (key.endsWith('/lock')) continue;
    const bytes = key.endsWith('.log') ? await store.readLog(key) : await store.get(key);
    contents[key] = Buffer.from(bytes ?? []).toString('latin1');
  }
  return contents;
}
