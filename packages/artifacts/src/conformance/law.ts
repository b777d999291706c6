import type { ArtifactStore } from '@crystallize/core/storage';

/** One thing that every store promises. */
export interface Law {
  /** A sentence, and the name of the test. */
  readonly law: string;
  /** Throws when a fresh store breaks the law. */
  check(fixture: LawStore): Promise<void>;
}

/** What a law is checked with. */
export interface LawStore {
  readonly store: ArtifactStore;
  /** Opens what is stored once more, as another process would; absent for stores that end with their process. */
  reopen?(): Promise<ArtifactStore>;
  /** Takes a held lock away from its owner, as a process does that takes it for dead; absent where nothing can. */
  takeLockAway?(key: string): Promise<void>;
  /** Takes a lock as another process does that then dies without a word; absent for stores that end with theirs. */
  lockThenDie?(key: string): Promise<void>;
  /** Lets the next append to any log fail; absent where none can. */
  failNextAppend?(): void;
}

/** The store as this process has it, and as others have that opened it before anything was written. */
export async function openedTwice({ store, reopen }: LawStore): Promise<readonly ArtifactStore[]> {
  return reopen ? [store, await reopen()] : [store];
}

/** Text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes as text; `undefined` stays. */
export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

/** All that an iterable yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Bytes that differ at every place a chunk might be cut or swapped. */
export function patternedBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

/** A body in pieces. */
export async function* inPieces(
  ...pieces: readonly Uint8Array[]
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

/** What rejected, or `undefined` when nothing did. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
