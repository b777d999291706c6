import type jsTokens from 'js-tokens';

/** @internal A piece of source text that is neither a comment nor a space. */
export interface Token {
  readonly kind: 'name' | 'string' | 'template' | 'regex' | 'mark' | 'other';
  /** As written, except that the quotes of a string and the ends of lines inside of it don't matter. */
  readonly text: string;
  /** Whether a line ends between it and the token before. */
  readonly afterNewline: boolean;
}

/** @internal Splits JavaScript, and as good as it goes JSX, into tokens. */
export type Tokenize = (source: string, options?: { readonly jsx: boolean }) => Token[];

/** @internal The splitter, loaded when it is first needed, so that a start does not wait for it. */
export async function loadTokenizer(): Promise<Tokenize> {
  const { default: split } = await import('js-tokens');
  return (source, options) => tokensOf(split, source, options?.jsx === true);
}

const KINDS: Readonly<Record<string, Token['kind']>> = {
  IdentifierName: 'name',
  StringLiteral: 'string',
  NoSubstitutionTemplate: 'template',
  TemplateHead: 'template',
  TemplateMiddle: 'template',
  TemplateTail: 'template',
  RegularExpressionLiteral: 'regex',
  Punctuator: 'mark',
};

const LINE_END = /[\n\r\u2028\u2029]/;

function tokensOf(split: typeof jsTokens, source: string, jsx: boolean): Token[] {
  const tokens: Token[] = [];
  let afterNewline = false;
  for (const { type, value } of split(source, { jsx } as { jsx: true })) {
    switch (type) {
      case 'LineTerminatorSequence':
        afterNewline = true;
        break;
      case 'MultiLineComment':
        afterNewline ||= LINE_END.test(value);
        break;
      case 'WhiteSpace':
      case 'SingleLineComment':
      case 'HashbangComment':
        break;
      default:
        tokens.push({ kind: KINDS[type] ?? 'other', text: textOf(type, value), afterNewline });
        afterNewline = false;
    }
  }
  return tokens;
}

function textOf(type: string, value: string): string {
  if (type === 'StringLiteral') {
    const inside = value.slice(1, -1).replace(/\\(\r\n|[\s\S])/g, withoutNeed);
    return `"${inside}"`;
  }
  // The language itself reads every end of a line in a template as \n.
  return KINDS[type] === 'template' ? value.replace(/\r\n?/g, '\n') : value;
}

/** An escape that only the kind of the quotes asks for, or a line that goes on. */
function withoutNeed(written: string, escaped: string): string {
  if (escaped === "'" || escaped === '"') return escaped;
  return LINE_END.test(escaped) ? '' : written;
}

/** @internal Whether the token is one of these punctuation marks. */
export function isMark(token: Token | undefined, ...marks: readonly string[]): boolean {
  return token?.kind === 'mark' && marks.includes(token.text);
}

/** @internal Whether the token is one of these words: keywords are names as well. */
export function isName(token: Token | undefined, ...names: readonly string[]): boolean {
  return token?.kind === 'name' && names.includes(token.text);
}
