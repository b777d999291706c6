import { type DatasourceScope, ReplicateMismatchError } from '@crystallize/core';

/** How the consumer's replicates meet those of the producer. */
export interface ReplicatePlan {
  /** The producer's count; `undefined` when nothing tells it. */
  readonly available: number | undefined;
  /** What the consumer's count is, unless it was asked for. */
  readonly replicates: number | undefined;
}

/**
 * Compares the count that was asked for with the producer's.
 * @throws ReplicateMismatchError when they differ, unless they may.
 */
export function planReplicates(
  scope: DatasourceScope,
  available: number | undefined,
  cycle: boolean,
  producer: string,
): ReplicatePlan {
  const asked = scope.replicates;
  if (available !== undefined && !(Number.isSafeInteger(available) && available > 0)) {
    throw new ReplicateMismatchError(
      `${producer} says in its metadata.json that it has ${available} replicates, and a whole number above 0 was expected. Mend the file, or run it again.`,
    );
  }
  if (asked === undefined || available === undefined || asked === available) {
    return { available, replicates: asked === undefined ? available : undefined };
  }
  if (!cycle) {
    throw new ReplicateMismatchError(
      `${asked} replicates were asked for, and ${producer} has ${available}. Ask for ${available} or leave replicates out; or give artifactDatasource the option replicates: 'cycle', which reads them in turn.`,
    );
  }
  scope.warn(
    asked > available
      ? `${producer} has ${available} replicates and ${asked} were asked for: replicate i reads what its replicate i mod ${available} has written.`
      : `${producer} has ${available} replicates and ${asked} were asked for: the others are not read.`,
  );
  return { available, replicates: undefined };
}
