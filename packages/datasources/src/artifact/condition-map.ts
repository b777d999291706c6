import { type DatasourceScope, TreatmentMissingError } from '@crystallize/core';
import type { SavedVersion } from '@crystallize/core/storage';

/** Which condition of the producer each condition of the consumer reads. */
export type ConditionMap = Readonly<Record<string, string>>;

/**
 * Finds each condition's own in the producer, else its baseline.
 * @throws TreatmentMissingError where there is none and `missing` is `error`.
 */
export async function mapConditions(
  scope: DatasourceScope,
  version: SavedVersion,
  missing: 'baseline' | 'error',
  producer: string,
): Promise<ConditionMap> {
  const there = new Set(await version.conditions());
  const absent = scope.conditions.filter((condition) => condition !== 'baseline' && !there.has(condition));
  if (absent.length > 0) {
    const names = absent.map((name) => `'${name}'`).join(', ');
    const noun = absent.length === 1 ? 'treatment' : 'treatments';
    if (missing === 'error') {
      const list = [...there].map((name) => `'${name}'`).join(', ');
      throw new TreatmentMissingError(
        `${producer} has no ${noun} ${names}; it has ${list || 'no condition at all'}. Run it with ${absent.length === 1 ? 'that treatment' : 'those treatments'}, or let its baseline be read with missingTreatment: 'baseline'.`,
      );
    }
    scope.warn(
      `${producer} has no ${noun} ${names}: its baseline is read there. To refuse that, give artifactDatasource the option missingTreatment: 'error'.`,
    );
  }
  return Object.fromEntries(scope.conditions.map((name) => [name, there.has(name) ? name : 'baseline']));
}
