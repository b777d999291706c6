import type { DatasourceContext, InputRecord } from '@crystallize/core';

export interface TestCell extends DatasourceContext {
  readonly inputs: InputRecord[];
  readonly warnings: string[];
}

/** Makes the contexts of the cells of one run, with what datasources use of a run. */
export function cellContext(): (replicate: number, condition?: string) => TestCell {
  const kept = new Map<string, unknown>();
  const warnings: string[] = [];
  return (replicate, condition = 'baseline') => {
    const inputs: InputRecord[] = [];
    return {
      replicate,
      condition,
      seed: replicate,
      signal: new AbortController().signal,
      inputs,
      warnings,
      get rng(): never {
        throw new Error('no datasource here draws random numbers');
      },
      get: () => undefined,
      has: () => false,
      log: () => {},
      recordInput: (input) => void inputs.push(input),
      warn: (message) => void (warnings.includes(message) || warnings.push(message)),
      once<T>(key: string, load: () => T): T {
        if (!kept.has(key)) kept.set(key, load());
        return kept.get(key) as T;
      },
    };
  };
}
