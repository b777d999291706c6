import type { ModuleCall } from '../plugin/records.ts';

/** @internal What tells the experiments of a process apart, as far as another process can know it. */
export interface Making {
  readonly module: ModuleCall | undefined;
  readonly directory: string;
  readonly id: string;
}

const counts = new Map<string, number>();

/** @internal Counts the experiments that one module constructs under one name: the number of this one, from 0. */
export function nextOrdinal(making: Making): number {
  const key = keyOfMaking(making);
  const ordinal = counts.get(key) ?? 0;
  counts.set(key, ordinal + 1);
  return ordinal;
}

/** @internal */
export function keyOfMaking({ module, directory, id }: Making): string {
  return JSON.stringify([module?.url, module?.export, directory, id]);
}
