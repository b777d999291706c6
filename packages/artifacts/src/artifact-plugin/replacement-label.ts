/** The label under which a run keeps aside what it replaces. */
export function replacementLabel(run: string): string {
  return `${replacementPrefix}${run}`;
}

/** What every {@link replacementLabel} begins with. */
export const replacementPrefix = 'replaced-by-';
