import { StorageError } from '@crystallize/core';
import { expect } from 'vitest';
import type { StoreUnderTest } from './store-under-test.ts';

/** What a store should hold, by key; logs among it. */
export type StoreModel = Map<string, string>;

/** One thing that is done to a store. */
export interface StoreOperation {
  readonly kind:
    | 'put'
    | 'putIfAbsent'
    | 'stream'
    | 'remove'
    | 'removeAll'
    | 'moveAll'
    | 'createLog'
    | 'append';
  readonly key: string;
  readonly folder: string;
  readonly target: string;
  readonly body: string;
}

/** What can come of an operation: every key after it. */
interface Outcome {
  readonly after: StoreModel;
  /** Whether it is refused because something is there. */
  readonly refused: boolean;
}

/** What is to come of an operation that ends. */
export function outcomeOf(model: StoreModel, operation: StoreOperation): Outcome {
  const after = new Map(model);
  const { kind, key, folder, target, body } = operation;
  if (kind === 'put' || kind === 'stream') after.set(key, body);
  else if (kind === 'remove') after.delete(key);
  else if (kind === 'removeAll') for (const inside of keysIn(model, folder)) after.delete(inside);
  else if (kind === 'moveAll') {
    const moved = keysIn(model, folder);
    if (moved.length > 0 && keysIn(model, target).length > 0) return { after, refused: true };
    for (const inside of moved) {
      after.set(`${target}${inside.slice(folder.length)}`, model.get(inside) as string);
      after.delete(inside);
    }
  } else if (kind === 'append') after.set(logKey(key), (model.get(logKey(key)) ?? '') + body);
  else if (kind === 'createLog') {
    if (model.has(logKey(key))) return { after, refused: true };
    after.set(logKey(key), '');
  } else if (model.has(key)) return { after, refused: true };
  else after.set(key, body);
  return { after, refused: false };
}

/** Does it to the store. */
export async function perform(tested: StoreUnderTest, operation: StoreOperation): Promise<void> {
  const { kind, key, folder, target, body } = operation;
  const { store, logs } = tested;
  if (kind === 'put') await store.put(key, Buffer.from(body));
  else if (kind === 'putIfAbsent') await store.put(key, Buffer.from(body), { ifAbsent: true });
  else if (kind === 'stream') await store.put(key, piecesOf(body));
  else if (kind === 'remove') await store.remove(key);
  else if (kind === 'removeAll') await store.removeAll(folder);
  else if (kind === 'moveAll') await store.moveAll(folder, target);
  else if (kind === 'createLog') logs.set(logKey(key), await store.createLog(logKey(key)));
  else await logs.get(logKey(key))?.append(Buffer.from(body));
}

/** Whether an operation can be done: a log is appended to by the one who made it. */
export function isPossible({ logs }: StoreUnderTest, { kind, key }: StoreOperation): boolean {
  return kind !== 'append' || logs.has(logKey(key));
}

/** Does it, and compares what comes of it. */
export async function performAndCompare(
  model: StoreModel,
  tested: StoreUnderTest,
  operation: StoreOperation,
): Promise<void> {
  const { after, refused } = outcomeOf(model, operation);
  const error: unknown = await perform(tested, operation).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (refused) expect(error).toMatchObject({ code: 'OBJECT_EXISTS' });
  // A folder in files is there also when it is empty.
  else if (error instanceof StorageError && operation.kind === 'moveAll' && tested.crash)
    expect(error.code).toBe('OBJECT_EXISTS');
  else {
    expect(error).toBeUndefined();
    replace(model, after);
  }
  await compare(model, tested);
}

/** After a crash in the midst of an operation: what it does not touch is as it was, the rest old or new. */
export async function compareAfterCrash(
  model: StoreModel,
  tested: StoreUnderTest,
  operation: StoreOperation,
): Promise<void> {
  const { after } = outcomeOf(model, operation);
  const found = await contentsOf(tested);
  for (const key of new Set([...model.keys(), ...after.keys(), ...found.keys()])) {
    const there = found.get(key);
    if (there === model.get(key) || there === after.get(key)) continue;
    // Of what was just appended any part may be there, whole or not.
    const log = operation.kind === 'append' && key === logKey(operation.key);
    if (!log) expect(there, key).toBe(model.get(key));
    expect(there?.slice(0, model.get(key)?.length), key).toBe(model.get(key));
  }
  if (operation.kind === 'moveAll') {
    const moved = keysIn(model, operation.folder).filter((key) => found.has(key)).length;
    expect([0, keysIn(model, operation.folder).length], 'a move is whole').toContain(moved);
  }
  replace(model, found);
}

/** The store holds what the model does, and lists it. */
export async function compare(model: StoreModel, tested: StoreUnderTest): Promise<void> {
  expect(Object.fromEntries(await contentsOf(tested))).toEqual(Object.fromEntries(model));
}

async function contentsOf({ store }: StoreUnderTest): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { key, size } of store.list('')) {
    const bytes = key.startsWith('logs/') ? await store.readLog(key) : await store.get(key);
    expect(bytes?.length, key).toBe(size);
    found.set(key, Buffer.from(bytes ?? []).toString());
  }
  return found;
}

function replace(model: StoreModel, by: ReadonlyMap<string, string>): void {
  model.clear();
  for (const [key, text] of by) model.set(key, text);
}

function keysIn(model: StoreModel, folder: string): string[] {
  return [...model.keys()].filter((key) => key.startsWith(`${folder}/`));
}

function logKey(key: string): string {
  return `logs/${key}`;
}

async function* piecesOf(body: string): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of [body.slice(0, 3), body.slice(3)]) yield Buffer.from(piece);
}
