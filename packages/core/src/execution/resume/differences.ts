import type { RunDefinition, RunInput, StepDefinition } from '../../plugin/records.ts';
import type { Accepted } from '../run-options.ts';

/** @internal A difference before it is known whether it is accepted. */
export interface FoundDifference {
  readonly kind: Accepted;
  /** A sentence. */
  readonly message: string;
}

/** @internal What differs between two definitions, conditions apart: these are compared cell by cell. */
export function differencesBetween(stored: RunDefinition, now: RunDefinition): FoundDifference[] {
  return [
    ...stepDifferences(stored.pipeline, now.pipeline),
    ...initialContextDifferences(stored, now),
    ...codeDifferences(stored, now),
    ...datasourceDifferences(stored, now),
  ];
}

/** @internal What differs in which runs of other experiments are read. */
export function inputDifferences(stored: readonly RunInput[], now: readonly RunInput[]): FoundDifference[] {
  const versions = (inputs: readonly RunInput[], experiment: string) =>
    inputs.filter((input) => input.experiment === experiment).map(({ version }) => nameOf(version));
  const names = new Set([...stored, ...now].map(({ experiment }) => experiment));
  return [...names].flatMap((name): FoundDifference[] => {
    const before = versions(stored, name).join(', ') || 'nothing';
    const after = versions(now, name).join(', ') || 'nothing';
    if (before === after) return [];
    return [{ kind: 'inputs', message: `It read ${before} of '${name}', and would now read ${after}.` }];
  });
}

function stepDifferences(
  stored: readonly StepDefinition[],
  now: readonly StepDefinition[],
): FoundDifference[] {
  const before = stored.map(({ step }) => step);
  const after = now.map(({ step }) => step);
  const found: FoundDifference[] = [];
  if (before.join('\n') !== after.join('\n')) {
    found.push({ kind: 'code', message: `Its steps were ${quoted(before)}, and are now ${quoted(after)}.` });
  }
  for (const step of now) {
    const old = stored.find((entry) => entry.step === step.step);
    if (!old) continue;
    if (old.params !== step.params)
      found.push({ kind: 'params', message: `The params of the step '${step.step}' have changed.` });
    if (old.code !== step.code) found.push({ kind: 'code', message: stepCodeMessage(old, step) });
  }
  return found;
}

function stepCodeMessage(old: StepDefinition, { step, code }: StepDefinition): string {
  const [before, after] = [old.code, code].map((text) =>
    text.startsWith('version:') ? text.slice(8) : undefined,
  );
  if (before !== undefined && after !== undefined)
    return `The step '${step}' had the version ${before}, and has ${after}.`;
  if (before !== undefined)
    return `The step '${step}' had the version ${before}, and declares none any more.`;
  if (after !== undefined) return `The step '${step}' had no version, and has ${after}.`;
  return `The code of the step '${step}' has changed.`;
}

function initialContextDifferences(stored: RunDefinition, now: RunDefinition): FoundDifference[] {
  if (stored.initialContext === now.initialContext) return [];
  return [{ kind: 'params', message: 'The values of initialContext have changed.' }];
}

function datasourceDifferences(stored: RunDefinition, now: RunDefinition): FoundDifference[] {
  if (stored.datasource === now.datasource) return [];
  return [{ kind: 'datasource', message: 'The datasource, or the data that it serves, has changed.' }];
}

function codeDifferences(stored: RunDefinition, now: RunDefinition): FoundDifference[] {
  const before = stored.code.modules;
  const after = now.code.modules;
  // Without files on one side there is nothing to compare, which the notes of the plan say.
  if (Object.keys(before).length === 0 || Object.keys(after).length === 0) return [];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const modules = names.flatMap((name): FoundDifference[] => {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    const found = Object.hasOwn(after, name) ? after[name] : undefined;
    if (old?.code === found?.code) return [];
    const what = !old ? 'is new' : found ? 'has changed' : 'is no part of it any more';
    return [{ kind: 'code', message: `The module ${name} ${what}.` }];
  });
  return [...modules, ...packageDifferences(stored.code.packages, now.code.packages)];
}

function packageDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): FoundDifference[] {
  const names = Object.keys(after).filter(
    (name) => Object.hasOwn(before, name) && before[name] !== after[name],
  );
  return names.map((name) => ({
    kind: 'code',
    message: `The package '${name}' had the version ${before[name]}, and has ${after[name]}.`,
  }));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ');
}

function nameOf(version: number | undefined): string {
  return version === undefined ? 'a run in memory' : `v${version}`;
}
