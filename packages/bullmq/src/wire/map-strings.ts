/**
 * Plain data with every text in it, at any depth, replaced; keys stay.
 *
 * @param map - Also given the key under which the text stands, if it stands under one.
 */
export function mapStrings<T>(value: T, map: (text: string, key?: string) => string): T {
  const visit = (each: unknown, at?: string): unknown => {
    if (typeof each === 'string') return map(each, at);
    if (Array.isArray(each)) return each.map((inner) => visit(inner));
    if (each === null || typeof each !== 'object') return each;
    if (Object.getPrototypeOf(each) !== Object.prototype) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, visit(inner, key)]));
  };
  return visit(value) as T;
}
