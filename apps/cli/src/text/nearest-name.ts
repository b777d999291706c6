import leven from 'leven';

/** ` Did you mean 'x'?` for a name that is nearly one of those, else nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const plain = normalise(wanted);
  // More edits than letters would find a likeness in anything.
  const most = Math.min(Math.max(2, Math.floor(plain.length / 3)), plain.length - 1);
  const [nearest] = names
    .map((name) => ({ name, distance: leven(plain, normalise(name)) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return nearest ? ` Did you mean '${nearest.name}'?` : '';
}

// Case, spaces and separators are what people most often get wrong.
function normalise(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '_');
}
