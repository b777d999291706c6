import { colourPaint, noPaint, type Paint } from '../text/paint.ts';

/** Columns where nobody says how many there are. */
const DEFAULT_COLUMNS = 80;

/** The environment variables that a command's look depends on. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether lines may be redrawn: on a terminal that understands it, and where nobody has asked for plain text. */
export function canRedraw(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  return stream.isTTY === true && !isSet(env['NO_COLOR']) && !isSet(env['CI']) && env['TERM'] !== 'dumb';
}

/** Colours for a stream: on a terminal, unless `NO_COLOR` or a dumb terminal. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: Environment): Paint {
  return stream.isTTY === true && !isSet(env['NO_COLOR']) && env['TERM'] !== 'dumb' ? colourPaint : noPaint;
}

/** Columns of the terminal behind a stream, 80 where there is none. */
export function columnsOf(stream: { readonly columns?: number }): number {
  return stream.columns || DEFAULT_COLUMNS;
}

/** Whether whole stacks were asked for by the environment: `DEBUG=crystallize`, `DEBUG=*` or `DEBUG=1`. */
export function debugAsked(env: Environment): boolean {
  return /(^|[\s,])(\*|1|true|crystallize[\w:*]*)($|[\s,])/.test(env['DEBUG'] ?? '');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
