import { describeCode } from '../code/describe-code.ts';
import { functionFingerprint } from '../code/function-fingerprint.ts';
import { isPlainObject } from '../context/freeze.ts';
import { isSecret } from '../context/secret.ts';
import { sourceFingerprint } from '../datasource/source-fingerprint.ts';
import { canonicalHash } from '../definition/canonical.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { RunnableStep } from '../pipeline/step.ts';
import { scriptOf } from '../pipeline/user-frames.ts';
import type { RunDefinition, StepDefinition } from '../plugin/records.ts';

/**
 * @internal What defines a run's numbers, as hashes.
 *
 * @param known - What is stored of an earlier run: modules that have not changed since are not read again.
 * @param data - Whether to look at the data, or to take it for the same as that of `known`, as where the
 * machine is the same.
 */
export async function describeDefinition(
  experiment: ResolvedExperiment,
  treatments: ReadonlyMap<string, Treatment | undefined>,
  known?: RunDefinition,
  data: 'look' | 'same' = 'look',
): Promise<RunDefinition> {
  const conditions: Record<string, string> = {};
  for (const [name, treatment] of treatments) {
    const same = data === 'same' && treatment?.datasource ? known?.conditions[name] : undefined;
    conditions[name] = same ?? (await conditionHash(treatment));
  }
  const same = data === 'same' ? known?.datasource : undefined;
  return {
    pipeline: await Promise.all(experiment.steps.map(describeStep)),
    conditions,
    initialContext: canonicalHash(experiment.initialContext, 'describe'),
    datasource: same ?? (await sourceFingerprint(experiment.datasource)),
    code: await describeCode({
      scripts: [
        experiment.script,
        ...experiment.steps.map(({ script }) => script),
        scriptOf(experiment.datasource),
        ...experiment.treatments.flatMap((one) => [scriptOf(one), scriptOf(one.datasource)]),
      ],
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
  return canonicalHash([await withFunctionTexts(treatment?.values), apply, own], 'describe');
}

/** The same values with hashes in place of functions: their layout and comments make no difference. */
async function withFunctionTexts(value: unknown): Promise<unknown> {
  if (typeof value === 'function') return { function: await functionFingerprint([value]) };
  if (Array.isArray(value)) return Promise.all(value.map(withFunctionTexts));
  if (!isPlainObject(value) || isSecret(value) || !holdsFunction(value)) return value;
  const entries = Object.entries(value).map(async ([key, item]) => [key, await withFunctionTexts(item)]);
  return Object.fromEntries(await Promise.all(entries));
}

function holdsFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (Array.isArray(value)) return value.some(holdsFunction);
  return isPlainObject(value) && !isSecret(value) && Object.values(value).some(holdsFunction);
}

async function describeStep(step: RunnableStep): Promise<StepDefinition> {
  return {
    step: step.name,
    params: canonicalHash([step.params, step.open], 'describe'),
    code: step.version === undefined ? await functionFingerprint(step.code) : `version:${step.version}`,
  };
}
