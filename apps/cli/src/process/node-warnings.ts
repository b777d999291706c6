/** Warnings of Node's that a user of this command can do nothing about, or need not. */
const NEEDLESS: ReadonlySet<string> = new Set([
  // A .ts file in a folder whose package.json names no module type is parsed twice; that is all.
  'MODULE_TYPELESS_PACKAGE_JSON',
]);

/** Keeps back what Node says about running TypeScript; every other warning is shown as always. */
export function hideNeedlessWarnings(): void {
  const shown = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if ('code' in warning && NEEDLESS.has(String(warning.code))) return;
    if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('Type Stripping')) return;
    for (const listener of shown) listener.call(process, warning);
  });
}
