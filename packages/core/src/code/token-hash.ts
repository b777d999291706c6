import { hash } from 'node:crypto';

/** @internal sha256 (hex) of a list of texts, in their order. */
export function hashTexts(texts: readonly string[]): string {
  // With their lengths, so that no two lists look alike when joined.
  return hash('sha256', texts.map((text) => `${text.length}:${text}`).join(''));
}
