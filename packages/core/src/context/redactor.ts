import { isSecret, REDACTED, reveal } from './secret.ts';

/**
 * Keys whose strings are credentials. `token` only at the end of a word, so that `maxTokens` and
 * `token_count` stay readable.
 */
const CREDENTIAL_KEY =
  /(?:api[-_]?key|access[-_]?key|private[-_]?key|secret|password|passwd|passphrase|credentials?|authorization|bearer|(?:^|[-_]|[a-z])token)$/i;

/** Shorter secrets would blot out ordinary text wherever their letters occur. */
const SHORTEST_SECRET = 4;

/** @internal Whether a key names a credential. */
export function isCredentialKey(key: string): boolean {
  return CREDENTIAL_KEY.test(key);
}

/** @internal Knows the secrets of a run, and takes them out of what leaves it. */
export class Redactor {
  /** Longest first, so that one that begins with another is not left in part. */
  #texts: readonly string[] = [];

  /** Learns the secrets in params, treatments or context values. */
  learn(values: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(values)) this.learnValue(key, value);
  }

  learnValue(key: string, value: unknown): void {
    this.#learn(value, key, false, new Set());
  }

  /** Whether there is anything to take out of texts. */
  get active(): boolean {
    return this.#texts.length > 0;
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.#texts) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  }

  /** A value as it may be shown under a key; the same object when there is nothing to hide. */
  value<T>(value: T, key?: string): T {
    return this.#shows(value, key, new Set()) ? (this.#clean(value, key, new Map()) as T) : value;
  }

  /** Learns every text that is a secret, is anywhere in one, or stands under the name of a credential. */
  #learn(value: unknown, key: string, secret: boolean, seen: Set<unknown>): void {
    if (isSecret(value)) return this.#learn(reveal(value), key, true, seen);
    if (typeof value === 'string' && (secret || isCredentialKey(key))) return this.#keep(value);
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const [name, item] of entriesOf(value, key)) this.#learn(item, name, secret, seen);
  }

  #keep(text: string): void {
    if (text.length < SHORTEST_SECRET || this.#texts.includes(text)) return;
    // As it stands in JSON as well, which messages often quote.
    const quoted = JSON.stringify(text).slice(1, -1);
    this.#texts = [...new Set([...this.#texts, text, quoted])].sort((a, b) => b.length - a.length);
  }

  /** Whether something in the value must be hidden. */
  #shows(value: unknown, key: string | undefined, seen: Set<unknown>): boolean {
    if (typeof value === 'string') {
      if (key !== undefined && isCredentialKey(key)) return value !== REDACTED;
      return this.#texts.some((text) => value.includes(text));
    }
    if (typeof value !== 'object' || value === null || seen.has(value)) return false;
    if (isSecret(value)) return true;
    seen.add(value);
    for (const [name, item] of entriesOf(value, key)) if (this.#shows(item, name, seen)) return true;
    return false;
  }

  #clean(value: unknown, key: string | undefined, made: Map<unknown, unknown>): unknown {
    if (typeof value === 'string')
      return key !== undefined && isCredentialKey(key) ? REDACTED : this.text(value);
    if (isSecret(value)) return REDACTED;
    if (typeof value !== 'object' || value === null) return value;
    if (made.has(value)) return made.get(value);
    if (!this.#shows(value, key, new Set())) return value;
    if (Array.isArray(value) || value instanceof Set) {
      const list: unknown[] = [];
      const copy = Array.isArray(value) ? list : new Set<unknown>();
      made.set(value, copy);
      for (const item of value) list.push(this.#clean(item, key, made));
      if (copy instanceof Set) for (const item of list) copy.add(item);
      return copy;
    }
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>();
      made.set(value, copy);
      for (const [name, item] of value)
        copy.set(this.#clean(name, undefined, made), this.#clean(item, keyOf(name), made));
      return copy;
    }
    const copy: object = value instanceof Error ? Object.create(Object.getPrototypeOf(value)) : {};
    made.set(value, copy);
    for (const [name, item] of entriesOf(value, key)) {
      const shown = { value: this.#clean(item, name, made), configurable: true, writable: true };
      Object.defineProperty(copy, name, {
        ...shown,
        enumerable: Object.prototype.propertyIsEnumerable.call(value, name),
      });
    }
    return copy;
  }
}

/** Only a text can be the name of a credential; other keys of a Map need not even have a text. */
function keyOf(name: unknown): string {
  return typeof name === 'string' ? name : '';
}

/** What is in an object, by the key that tells whether it is a credential. */
function* entriesOf(value: object, key = ''): Iterable<readonly [string, unknown]> {
  if (Array.isArray(value) || value instanceof Set) for (const item of value) yield [key, item];
  else if (value instanceof Map) {
    for (const [name, item] of value) {
      yield ['', name];
      yield [keyOf(name), item];
    }
  } else if (value instanceof Error)
    for (const name of Object.getOwnPropertyNames(value)) yield [name, Reflect.get(value, name)];
  else if (!ArrayBuffer.isView(value)) yield* Object.entries(value);
}
