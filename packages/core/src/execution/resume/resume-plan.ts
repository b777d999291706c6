import { hash } from 'node:crypto';
import { ResumeMismatchError } from '../../errors/run-errors.ts';
import type { StoredRun } from '../../plugin/plugin.ts';
import type { RunDefinition, RunInput } from '../../plugin/records.ts';
import type { ResumedRun } from '../../plugin/run-handle.ts';
import { CellStore } from '../../result/cell-store.ts';
import type { PreparedRun } from '../prepare-run.ts';
import type { UnreadKeys } from '../unread-keys.ts';
import { CellDecisions, type PlanListener } from './cell-decisions.ts';
import { differencesBetween, type FoundDifference, inputDifferences } from './differences.ts';
import type { Difference } from './explanation.ts';

/** @internal What a resume goes on with, decided cell by cell. Explained and run alike. */
export interface ResumePlan {
  readonly seed: number;
  /** Those that are not run again. */
  readonly cells: CellStore;
  readonly resumed: ResumedRun;
  /** What the restored cells have read. */
  readonly unread: UnreadKeys;
  readonly differences: readonly Difference[];
  /** Accepted now or before, as sentences. */
  readonly accepted: readonly string[];
  readonly notes: readonly string[];
  /**
   * Why, in a graph, the stored run is not the one to go on with: it has read another run of an experiment
   * upstream, with other results. It stays as it is, and a new run begins.
   */
  readonly anotherRun: string | undefined;
}

/** @internal Decides what is restored and what is run. Nothing is written. */
export async function planResume(
  prepared: PreparedRun,
  stored: StoredRun,
  definition: RunDefinition,
  onCell: PlanListener = () => {},
): Promise<ResumePlan> {
  const { run, plan } = prepared;
  const found = seedDifferences(prepared, stored);
  if (stored.definition) found.push(...differencesBetween(stored.definition, definition));
  // What was accepted once need not be accepted again, as long as it is the very same difference.
  const isAccepted = ({ kind, message }: FoundDifference) =>
    plan.accept.includes(kind) || stored.accepted.includes(`${kind}: ${message}`);
  const seed = plan.seedGiven || stored.seed === undefined ? plan.seed : stored.seed;
  const decisions = new CellDecisions(
    { prepared, stored, definition, onCell },
    new CellStore(seed, run.conditions),
  );
  await decisions.takeAll(stored.cells);
  const missing = run.replicates * run.conditions.length - decisions.restored;
  if (decisions.changedInputs.length > 0) {
    const [first = ''] = decisions.changedInputs;
    const more = decisions.changedInputs.length - 1;
    found.push({
      kind: 'inputs',
      message:
        more > 0
          ? `${first} The same goes for ${more} more cells (${digestOf(decisions.changedInputs)}).`
          : first,
    });
  } else if (missing > 0 && !prepared.graph) found.push(...inputDifferences(stored.inputs, run.inputs));
  const differences = found.map((entry) => ({ ...entry, accepted: isAccepted(entry) }));
  const acceptedNow = differences
    .filter(({ accepted }) => accepted)
    .map(({ kind, message }) => `${kind}: ${message}`)
    .filter((sentence) => !stored.accepted.includes(sentence));
  return {
    seed,
    cells: decisions.cells,
    unread: decisions.unread,
    differences,
    accepted: [...new Set([...stored.accepted, ...acceptedNow])],
    notes: [...notesOf(definition, stored), ...notCompared(prepared)],
    anotherRun: decisions.inputsChanged ? anotherRun(stored, run.inputs) : undefined,
    resumed: {
      version: stored.version,
      restored: decisions.restored,
      missing,
      superseded: decisions.superseded,
      accepted: acceptedNow,
      has: ({ condition, replicate }) => decisions.isRestored(condition, replicate),
    },
  };
}

function digestOf(sentences: readonly string[]): string {
  return hash('sha256', sentences.join('\n')).slice(0, 12);
}

function anotherRun(stored: StoredRun, now: readonly RunInput[]): string | undefined {
  for (const { experiment, version } of now) {
    const read = stored.inputs.find((input) => input.experiment === experiment);
    if (read === undefined || read.version === version) continue;
    const which = stored.version === undefined ? 'what is stored' : `v${stored.version}`;
    return `${which} has read v${read.version} of '${experiment}', which goes on with v${version}: a new run begins`;
  }
  return undefined;
}

/** @internal @throws ResumeMismatchError when something differs that was not accepted. */
export function refuseDifferences({ resumed, differences }: ResumePlan, name: string): void {
  const refused = differences.filter(({ accepted }) => !accepted);
  if (refused.length > 0) throw new ResumeMismatchError(name, resumed.version, refused);
}

function seedDifferences({ plan }: PreparedRun, stored: StoredRun): FoundDifference[] {
  if (!plan.seedGiven || stored.seed === undefined || stored.seed === plan.seed) return [];
  return [{ kind: 'seed', message: `Its seed was ${stored.seed}, and would now be ${plan.seed}.` }];
}

function notCompared({ conditions }: PreparedRun): readonly string[] {
  const sources = new Set([...conditions.values()].map(({ datasource }) => datasource));
  return [...sources].flatMap((source) => source?.notCompared ?? []);
}

function notesOf(definition: RunDefinition, stored: StoredRun): readonly string[] {
  const version = stored.version === undefined ? 'What is stored' : `v${stored.version}`;
  if (!stored.definition) {
    return [
      `${version} carries no fingerprint, as the runs of the Python original: whether its code, params, data and seed are the same can't be checked.`,
    ];
  }
  const unknown =
    Object.keys(stored.definition.code.modules).length === 0 ||
    Object.keys(definition.code.modules).length === 0;
  return [
    ...(unknown
      ? [
          'No file is known that constructed the experiment: of its code only the steps, the datasource and the treatments were compared.',
        ]
      : []),
    ...definition.code.uncovered,
  ];
}
