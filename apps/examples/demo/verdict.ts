import { openRuns } from '@crystallize/artifacts';
import { summary } from '@crystallize/stats';

/** What the newest evaluation says, read from what is stored and without the code that made it. */
export async function verdict(rootDir: string): Promise<string> {
  const runs = openRuns({ rootDir });
  const newest = (await runs.experiment('penguin-evaluation').versions())
    .filter(({ finished }) => finished)
    .at(-1);
  if (!newest)
    throw new Error(`${rootDir} holds no finished run of penguin-evaluation. Start the demo first.`);
  const conditions = await Promise.all(
    (await newest.conditions()).map(async (name) => {
      const metrics = await newest.metrics(name);
      const share = (metric: string) => summary(metrics[metric] as readonly number[]).mean;
      return { name, accuracy: share('accuracy'), chinstraps: share('recall_chinstrap') };
    }),
  );
  const [best] = conditions.toSorted((a, b) => b.accuracy - a.accuracy);
  const baseline = conditions.find(({ name }) => name === 'baseline');
  if (!best || !baseline) throw new Error(`${newest.dir} has no baseline to compare with.`);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return (
    `In short: '${best.name}' is best. It recognises ${percent(best.accuracy)} of penguins that it has never seen, ` +
    `and ${percent(best.chinstraps)} of\nthe Chinstraps among them; the baseline ${percent(baseline.accuracy)} and ${percent(baseline.chinstraps)}.`
  );
}
