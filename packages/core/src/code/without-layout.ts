import { isMark, isName, type Token } from './token.ts';

const SEMICOLON: Token = { kind: 'mark', text: ';', afterNewline: false };

/** After these, the end of a line ends the statement. */
const RESTRICTED = ['return', 'break', 'continue', 'yield', 'throw'];
/** A `;` after these is a statement, or keeps a class field apart from what follows. */
const BEFORE_EMPTY = ['else', 'do', 'get', 'set', 'static', 'async', 'accessor', ...RESTRICTED];
/** No operator between two operands, so that none of them can go on with the statement before it. */
const NEVER_GOES_ON = ['{', '~', '!', '@'];

/**
 * @internal Leaves out the commas before a closing bracket and the semicolons that the language would
 * put in by itself. One that tells statements apart (`a; (b)` is no call) stays.
 */
export function withoutLayout(tokens: readonly Token[]): Token[] {
  const kept: Token[] = [];
  /** By open bracket: the keyword of the head of a statement that it belongs to. */
  const heads: (string | undefined)[] = [];
  let closedHead: string | undefined;
  tokens.forEach((token, index) => {
    const last = kept.at(-1);
    const next = tokens[index + 1];
    if (isMark(token, ',') && isTrailing(last, next)) return;
    if (isMark(token, ';')) {
      const needed = heads.at(-1) === 'for' || closedHead !== undefined || separates(last, next, kept.at(-2));
      if (!needed) return;
    } else if (token.afterNewline && isRestricted(last, kept.at(-2)) && !isMark(token, '}')) {
      kept.push(SEMICOLON);
    }
    closedHead = undefined;
    if (isMark(token, '(', '[', '{')) heads.push(isMark(token, '(') ? headOf(last, kept.at(-2)) : undefined);
    else if (isMark(token, ')', ']', '}')) closedHead = heads.pop();
    kept.push(token);
  });
  return kept;
}

/** In a list, a comma after a comma is an element. */
function isTrailing(last: Token | undefined, next: Token | undefined): boolean {
  if (isMark(next, ']')) return !isMark(last, '[', ',');
  return isMark(next, ')', '}');
}

function separates(last: Token | undefined, next: Token | undefined, beforeLast: Token | undefined): boolean {
  if (isMark(next, ';')) return false;
  const keyword = !isMark(beforeLast, '.', '?.');
  if (keyword && isName(last, 'else', 'do')) return true;
  if (last === undefined || next === undefined || isMark(last, '{', ';') || isMark(next, '}')) return false;
  if (keyword && isName(last, ...BEFORE_EMPTY)) return true;
  if (next.kind === 'mark') return !NEVER_GOES_ON.includes(next.text);
  return next.kind === 'template' || next.kind === 'regex' || isName(next, 'in', 'instanceof');
}

function isRestricted(last: Token | undefined, beforeLast: Token | undefined): boolean {
  return isName(last, ...RESTRICTED) && !isMark(beforeLast, '.', '?.');
}

/** Of `if (`, `while (`, `for (`, `for await (`. */
function headOf(last: Token | undefined, beforeLast: Token | undefined): string | undefined {
  if (isMark(beforeLast, '.', '?.')) return undefined;
  if (isName(last, 'await') && isName(beforeLast, 'for')) return 'for';
  return isName(last, 'if', 'while', 'for', 'with') ? last?.text : undefined;
}
