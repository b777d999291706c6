/** How many are under way at once: enough to share the waiting, few enough for open files. */
const atOnce = 16;

/** Does the same with each item, several side by side; rejects with the first error once all have stopped. */
export async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const next = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, next));
  const failed = settled.find((entry) => entry.status === 'rejected');
  if (failed) throw failed.reason;
}
