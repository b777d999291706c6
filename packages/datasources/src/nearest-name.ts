import leven from 'leven';

/** The names that look like what was meant, likeliest first; empty when none is near. */
export function nearestNames(wanted: string, names: readonly string[], limit = 1): readonly string[] {
  const plain = normalise(wanted);
  // More edits than letters would find a likeness in anything.
  const most = Math.min(Math.max(2, Math.floor(plain.length / 3)), plain.length - 1);
  return names
    .map((name) => ({ name, distance: leven(plain, normalise(name)) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** ` Did you mean 'x'?`, or nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const [name] = nearestNames(wanted, names);
  return name === undefined ? '' : ` Did you mean '${name}'?`;
}

// Case, spaces and separators are what people most often get wrong.
function normalise(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}
