import { hash } from 'node:crypto';
import { describeCode } from '../code/describe-code.ts';
import { functionFingerprint, textOf } from '../code/function-fingerprint.ts';
import type { ResolvedExperiment } from '../definition/resolved-experiment.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import type { RunnableStep } from '../pipeline/step.ts';

/**
 * @internal What stands for the code of a step: its `version`, else its functions and the modules of its
 * experiment, since what a function calls is code of the step as well.
 * @throws UnsupportedValueError when nothing stands for it.
 */
export async function stepCode(
  step: RunnableStep,
  experiment: Pick<ResolvedExperiment, 'script' | 'steps'>,
): Promise<string> {
  if (step.version !== undefined) return `version:${step.version}`;
  if (step.code.some((one) => NATIVE.test(textOf(one)))) {
    throw new UnsupportedValueError(
      `the code of '${step.name}'`,
      'a native or bound function, whose text says nothing of what it does',
      'Give the step a version, or wrap it: (data, ctx) => bound(data, ctx).',
    );
  }
  return `${await functionFingerprint(step.code)} ${await modulesOf(experiment)}`;
}

const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;

/** Read once: what is loaded does not change when its file does. */
const modules = new WeakMap<object, Promise<string>>();

/** The modules without the functions of the steps: a change in one step is none in the others. */
function modulesOf(experiment: Pick<ResolvedExperiment, 'script' | 'steps'>): Promise<string> {
  const known = modules.get(experiment);
  if (known) return known;
  const reading = readModules(experiment);
  modules.set(experiment, reading);
  return reading;
}

async function readModules({ script, steps }: Pick<ResolvedExperiment, 'script' | 'steps'>): Promise<string> {
  const versioned = steps.map(({ code }) => ({ version: 'step', functions: code }));
  const { modules: read, packages } = await describeCode({
    scripts: [script, ...steps.map((step) => step.script)],
    versioned,
  });
  // Without their names: a file that was renamed holds the same code.
  const codes = Object.values(read).map(({ code }) => code);
  return hash('sha256', JSON.stringify([codes.sort(), packages]));
}
