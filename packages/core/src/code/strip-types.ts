/**
 * @internal TypeScript as JavaScript: with spaces in place of the types or, where it has enums and the
 * like, transformed. `undefined` where this Node can do neither.
 */
export async function stripTypes(source: string): Promise<string | undefined> {
  // Not every runtime has it, and its first call costs what loading a compiler costs.
  const { stripTypeScriptTypes: strip } = await import('node:module');
  if (typeof strip !== 'function') return undefined;
  return withoutNotice(() => attempt(strip, source, 'strip') ?? attempt(strip, source, 'transform'));
}

type Strip = (source: string, options: { readonly mode: 'strip' | 'transform' }) => string;

function attempt(strip: Strip, source: string, mode: 'strip' | 'transform'): string | undefined {
  try {
    return strip(source, { mode });
  } catch {
    // Syntax that this mode does not know; the caller tells the user that the module counts as it is.
    return undefined;
  }
}

/** That an experimental function of Node is called is nothing that a user could act on. */
function withoutNotice<T>(call: () => T): T {
  const emitWarning = process.emitWarning;
  process.emitWarning = (...args: readonly unknown[]) => {
    if (args[1] !== 'ExperimentalWarning') Reflect.apply(emitWarning, process, args);
  };
  try {
    return call();
  } finally {
    process.emitWarning = emitWarning;
  }
}
