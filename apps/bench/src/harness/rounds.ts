import type { Figures } from './program.ts';

/** Measures one thing once. */
export type Subject = () => Promise<Figures>;

/** What was measured of each subject, round by round: the nth of one goes with the nth of another. */
export type Rounds<Names extends string> = Readonly<Record<Names, readonly Figures[]>>;

/**
 * Measures every subject once per round, so that a machine that grows slower or faster does so for
 * all. Each round starts with another subject. One round before the first is thrown away: it fills
 * the page cache and wakes the processor.
 */
export async function measureRounds<Names extends string>(
  count: number,
  subjects: Readonly<Record<Names, Subject>>,
): Promise<Rounds<Names>> {
  const names = Object.keys(subjects) as Names[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as Figures[]])) as Record<
    Names,
    Figures[]
  >;
  for (let round = -1; round < count; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + 1 + turn) % names.length] as Names;
      const figures = await subjects[name]();
      if (round >= 0) measured[name].push(figures);
    }
  }
  return measured;
}
