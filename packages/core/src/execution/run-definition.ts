import { describeCode } from '../code/describe-code.ts';
import { functionFingerprint } from '../code/function-fingerprint.ts';
import { sourceFingerprint } from '../datasource/source-fingerprint.ts';
import { canonicalHash } from '../definition/canonical.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { RunnableStep } from '../pipeline/step.ts';
import type { RunDefinition, StepDefinition } from '../plugin/records.ts';

/**
 * @internal What defines a run's numbers, as hashes.
 *
 * @param known - What is stored of an earlier run: modules that have not changed since are not read again.
 */
export async function describeDefinition(
  experiment: ResolvedExperiment,
  treatments: ReadonlyMap<string, Treatment | undefined>,
  known?: RunDefinition,
): Promise<RunDefinition> {
  const conditions: Record<string, string> = {};
  for (const [name, treatment] of treatments) conditions[name] = await conditionHash(treatment);
  return {
    pipeline: await Promise.all(experiment.steps.map(describeStep)),
    conditions,
    initialContext: canonicalHash(experiment.initialContext, 'describe'),
    datasource: await sourceFingerprint(experiment.datasource),
    code: await describeCode({
      scripts: [experiment.script, ...experiment.steps.map(({ script }) => script)],
      versioned: experiment.steps.flatMap(({ version, code }) =>
        version === undefined ? [] : [{ version, functions: code }],
      ),
      known: known?.code,
    }),
  };
}

async function conditionHash(treatment: Treatment | undefined): Promise<string> {
  const apply = treatment?.apply && (await functionFingerprint([treatment.apply]));
  const own = treatment?.datasource && (await sourceFingerprint(treatment.datasource));
  return canonicalHash([treatment?.values, apply, own], 'describe');
}

async function describeStep(step: RunnableStep): Promise<StepDefinition> {
  return {
    step: step.name,
    params: canonicalHash([step.params, step.open], 'describe'),
    code: step.version === undefined ? await functionFingerprint(step.code) : `version:${step.version}`,
  };
}
