import type { ArtifactStore } from '@crystallize/core/storage';
import { describe, it } from 'vitest';
import { folderLaws } from './folder-laws.ts';
import type { Law } from './law.ts';
import { lockLaws } from './lock-laws.ts';
import { logLaws } from './log-laws.ts';
import { objectLaws } from './object-laws.ts';

/** A fresh, empty store for one test. */
export interface StoreFixture {
  readonly store: ArtifactStore;
  /** Opens what is stored once more, as another process would. Leave it out if the store ends with its process. */
  reopen?(): Promise<ArtifactStore>;
  /** Takes a held lock away from its owner, as a process does that takes it for dead; absent where nothing can. */
  takeLockAway?(key: string): Promise<void>;
  /** Takes a lock as another process does that then dies without a word; absent for stores that end with theirs. */
  lockThenDie?(key: string): Promise<void>;
  /** Lets the next append to any log fail; absent where none can. */
  failNextAppend?(): void;
  /** Takes everything away again. */
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

/** What may differ for a backend. */
export interface StoreConformanceOptions {
  /** Laws that the backend does not keep; each needs a reason, which the report shows. */
  readonly skip?: readonly { readonly law: string; readonly reason: string }[];
  /** Registers further tests beside the laws. */
  readonly extra?: (makeStore: () => Promise<StoreFixture>) => void;
}

/** Every law that a store must keep, to be run elsewhere than in vitest, or listed. */
export const storeLaws: readonly Law[] = [...objectLaws, ...folderLaws, ...logLaws, ...lockLaws];

/**
 * Registers a vitest test for each law that a store must keep. Call it in a test file of your backend;
 * it needs `vitest` installed.
 *
 * @param makeStore - Gives a fresh, empty store; called once for each law.
 *
 * @example
 * storeConformance('bucketStore', async () => {
 *   const prefix = crypto.randomUUID();
 *   return {
 *     store: bucketStore(bucket, prefix),
 *     reopen: async () => bucketStore(bucket, prefix),
 *     [Symbol.asyncDispose]: () => emptyBucket(bucket, prefix),
 *   };
 * });
 */
export function storeConformance(
  name: string,
  makeStore: () => Promise<StoreFixture>,
  options: StoreConformanceOptions = {},
): void {
  const reasons = new Map((options.skip ?? []).map(({ law, reason }) => [law, reason]));
  const known = new Set(storeLaws.map(({ law }) => law));
  const unknown = [...reasons.keys()].filter((law) => !known.has(law));
  if (unknown.length > 0) {
    throw new TypeError(
      `There is no such law to be skipped: '${unknown.join("', '")}'. Copy it from storeLaws.`,
    );
  }
  describe(`${name} keeps the laws of a store`, () => {
    for (const { law, check } of storeLaws) {
      const reason = reasons.get(law);
      if (reason === undefined) it(law, () => checkFresh(makeStore, check));
      // Whoever writes a backend says which law it can't keep, and why: the report shows it.
      else it.skip(`${law} (skipped: ${reason})`, () => checkFresh(makeStore, check));
    }
    options.extra?.(makeStore);
  });
}

async function checkFresh(makeStore: () => Promise<StoreFixture>, check: Law['check']): Promise<void> {
  const fixture = await makeStore();
  try {
    await check(fixture);
  } finally {
    await fixture[Symbol.asyncDispose]?.();
  }
}
