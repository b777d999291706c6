/** A worker of bare tinypool: imports the work, and does it. */
import { compute } from './task.ts';

export interface BareTask {
  readonly rounds: number;
  /** A module to import before that. */
  readonly module?: string;
}

export async function run({ rounds, module }: BareTask): Promise<number> {
  if (module !== undefined) await import(module);
  return compute(rounds);
}
