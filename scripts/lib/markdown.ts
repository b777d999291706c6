/** A fenced block of code in a Markdown file. */
export interface Fence {
  /** The first word after the backticks: `ts`, `sh`, … */
  readonly language: string;
  /** The other words: `unchecked`, `continued`, `title="…"`. */
  readonly marks: readonly string[];
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** A Markdown file, taken apart. */
export interface Markdown {
  readonly fences: readonly Fence[];
  /** Code spans, with their line. */
  readonly spans: readonly { readonly text: string; readonly line: number }[];
  /** Targets of links and images that are not URLs, without their anchors. */
  readonly links: readonly { readonly target: string; readonly line: number }[];
}

/** Takes a Markdown file apart into what can be checked. */
export function readMarkdown(text: string): Markdown {
  const fences: Fence[] = [];
  const spans: { text: string; line: number }[] = [];
  const links: { target: string; line: number }[] = [];
  let open:
    | { indent: number; ticks: string; words: readonly string[]; line: number; code: string[] }
    | undefined;
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1;
    const [, indent = '', ticks, info = ''] = /^(\s*)(`{3,})(.*)$/.exec(content) ?? [];
    if (open) {
      if (ticks && ticks.length >= open.ticks.length && info.trim() === '') {
        const [language = '', ...marks] = open.words;
        fences.push({ language, marks, line: open.line, code: open.code.join('\n') });
        open = undefined;
      } else {
        open.code.push(content.slice(Math.min(open.indent, content.search(/\S|$/))));
      }
    } else if (ticks) {
      open = { indent: indent.length, ticks, words: info.trim().split(/\s+/), line: line + 1, code: [] };
    } else {
      for (const [, span = ''] of content.matchAll(/`([^`]+)`/g)) spans.push({ text: span, line });
      for (const [, target = ''] of content.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)) {
        if (!/^[a-z]+:/i.test(target)) links.push({ target, line });
      }
    }
  }
  if (open) throw new Error(`The code fence before line ${open.line} is never closed.`);
  return { fences, spans, links };
}
