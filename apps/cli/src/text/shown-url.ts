import { plainLine } from './plain-text.ts';

const PARTS = /^([a-z][a-z0-9+.-]+:\/\/)([^/?#]*)(.*)$/is;

/** Parameters of a query that give access. */
const SECRETS = /([?&][\w-]*(?:secret|password|passwd|token|key)[\w-]*=)[^&#]+/gi;

/** A URL as it may be shown in a sentence: without its user, its password and its query. Other text stays as it is. */
export function shownUrl(text: string): string {
  const plain = plainLine(text);
  return PARTS.test(plain) ? withoutUser(plain).replace(/[?#].*$/, '') : plain;
}

/** A word of a command line as it may be shown: of a URL in it, also after `--option=`, nothing gives access. */
export function shownWord(word: string): string {
  const [, option = '', url = word] = /^(--[\w-]+=)(.+)$/s.exec(word) ?? [];
  return PARTS.test(url) ? option + withoutUser(url).replace(SECRETS, '$1***') : word;
}

function withoutUser(url: string): string {
  const [, scheme = '', host = '', rest = ''] = PARTS.exec(url) ?? [];
  // A password may hold a slash that nobody has encoded: then what looks like a port is its beginning.
  const hasUser = host.includes('@') || (host.includes(':') && rest.includes('@'));
  return hasUser ? `${scheme}***@${url.slice(url.lastIndexOf('@') + 1)}` : url;
}
