import type { Datasource, DatasourceScope, PreparedSource } from '@crystallize/core';
import { ArtifactNotFoundError } from '@crystallize/core';
import { cellContext, type TestCell } from './cell-context.ts';

/** A run of a consumer, as far as its datasource sees one. */
export interface TestRun<T> {
  readonly prepared: PreparedSource;
  readonly warnings: readonly string[];
  /** As when the run has ended. */
  end(): Promise<void>;
  fetch(replicate: number, condition?: string): Promise<{ readonly data: T; readonly cell: TestCell }>;
}

/** Prepares a datasource for a run. With `worker`, what was prepared reaches cells only as plain data. */
export async function startRun<T>(
  source: Datasource<T>,
  asked: Partial<Pick<DatasourceScope, 'replicates' | 'conditions'>> & { readonly worker?: boolean } = {},
): Promise<TestRun<T>> {
  const warnings: string[] = [];
  const ends: (() => void | Promise<void>)[] = [];
  const prepared = await source.prepare?.({
    replicates: asked.replicates,
    conditions: asked.conditions ?? ['baseline'],
    signal: new AbortController().signal,
    saved: (experiment) => {
      throw new ArtifactNotFoundError(`nothing here reads ${typeof experiment}`);
    },
    warn: (message) => void warnings.push(message),
    onEnd: (release) => void ends.push(release),
  });
  if (prepared === undefined) throw new Error('this datasource prepares nothing');
  const data = asked.worker ? structuredClone(prepared.data) : prepared.data;
  const cell = cellContext();
  return {
    prepared,
    warnings,
    async end() {
      for (const release of ends.splice(0)) await release();
    },
    async fetch(replicate, condition) {
      const context = cell(replicate, condition);
      return { data: await source.fetch(context, {}, data), cell: context };
    },
  };
}
