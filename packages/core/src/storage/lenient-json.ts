/**
 * Parses JSON that may have the bare tokens NaN, Infinity and -Infinity, as Python writes them, at any depth.
 * @throws SyntaxError as `JSON.parse`.
 */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  return parseWithSource(text.replace(stringOrToken, standInOf), (_key, value, { source }) =>
    source === nanLiteral ? Number.NaN : value,
  );
}

// Strings come first, so that nothing inside one is taken for a token.
const stringOrToken = /"[^"\\]*(?:\\.[^"\\]*)*"|NaN|Infinity/g;
/** Valid JSON that no program writes: what stands for NaN until it is parsed. */
const nanLiteral = '-0e-99999';

function standInOf(match: string): string {
  if (match === 'NaN') return nanLiteral;
  // Overflows to Infinity; a minus sign before it stays.
  return match === 'Infinity' ? '1e99999' : match;
}

/** A reviver sees the text of each number; TypeScript's types don't know of it yet. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;
