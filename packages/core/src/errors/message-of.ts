/** @internal The message of whatever was thrown; never throws itself. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return describe(error);
  const message: unknown = error.message;
  return typeof message === 'string' ? message : describe(message);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? Object.prototype.toString.call(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
