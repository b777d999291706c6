import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sourceFingerprint } from '../datasource/source-fingerprint.ts';
import { canonicalHash } from '../definition/canonical.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { RunDefinition } from '../plugin/records.ts';

/** @internal What defines a run's numbers, as hashes. */
export async function describeDefinition(
  experiment: ResolvedExperiment,
  treatments: ReadonlyMap<string, Treatment | undefined>,
): Promise<RunDefinition> {
  const conditions: Record<string, string> = {};
  for (const [name, treatment] of treatments) {
    const own = treatment?.datasource ? await sourceFingerprint(treatment.datasource) : undefined;
    conditions[name] = canonicalHash(
      [experiment.initialContext, treatment?.values, treatment?.apply, own],
      'describe',
    );
  }
  const module = await moduleHash(experiment.module);
  return {
    pipeline: experiment.steps.map((step) => ({
      step: step.name,
      params: canonicalHash([step.params, step.open], 'describe'),
      code:
        step.version === undefined
          ? hash('sha256', step.code.map(String).join('\n'))
          : `version:${step.version}`,
    })),
    conditions,
    datasource: await sourceFingerprint(experiment.datasource),
    ...(module === undefined ? {} : { module }),
  };
}

async function moduleHash(module: string | undefined): Promise<string | undefined> {
  if (!module?.startsWith('file:')) return undefined;
  try {
    return hash('sha256', await readFile(fileURLToPath(module)));
  } catch {
    // Moved or removed since it was loaded: there is no text to speak of.
    return undefined;
  }
}
