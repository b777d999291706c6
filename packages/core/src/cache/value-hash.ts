import { isSecret, reveal } from '../context/secret.ts';
import { UnsupportedValueError } from '../errors/storage-errors.ts';
import { binaryTypes, errorClasses, maxValueDepth } from '../storage/value-guard.ts';
import { HashText } from './hash-text.ts';

/** Of values that nothing can change any more: most contexts and params are shared by many cells. */
const remembered = new WeakMap<object, string>();

/**
 * @internal sha256 (hex) of a value as a step could see it: equal only for values that no step can tell
 * apart, with the order of keys, entries and members, and which parts are one object. A secret counts by
 * what it holds, an artifact file by its place and its sha256, whatever the version.
 *
 * @param root - What the value is called in messages.
 * @throws UnsupportedValueError for what can't be compared: functions, symbols, instances of classes, …
 */
export function valueHash(value: unknown, root: string): string {
  const known = typeof value === 'object' && value !== null ? remembered.get(value) : undefined;
  if (known !== undefined) return known;
  const walk = new ValueWalk(root);
  walk.add(value);
  const hash = walk.digest();
  if (walk.lasting && typeof value === 'object' && value !== null) remembered.set(value, hash);
  return hash;
}

class ValueWalk {
  /** Whether all that was met is frozen, plain and made of primitives. */
  lasting = true;
  readonly #text = new HashText();
  readonly #path: (string | number)[] = [];
  readonly #root: string;
  readonly #seen = new Map<object, number>();

  constructor(root: string) {
    this.#root = root;
  }

  digest(): string {
    return this.#text.digest();
  }

  add(value: unknown): void {
    switch (typeof value) {
      case 'string':
        // Quoted, so that it can't be taken for anything else, and half a surrogate pair keeps its number.
        return this.#text.add(JSON.stringify(value));
      case 'number':
        return this.#text.add(Object.is(value, -0) ? 'n-0;' : `n${value};`);
      case 'bigint':
        return this.#text.add(`i${value};`);
      case 'boolean':
        return this.#text.add(value ? 't;' : 'f;');
      case 'undefined':
        return this.#text.add('u;');
      case 'object':
        return value === null ? this.#text.add('0;') : this.#addObject(value);
      default:
        return this.#refuse(`a ${typeof value}`);
    }
  }

  #addObject(value: object): void {
    const earlier = this.#seen.get(value);
    if (earlier !== undefined) return this.#text.add(`@${earlier};`);
    this.#seen.set(value, this.#seen.size);
    if (this.#path.length > maxValueDepth) this.#refuse(`nesting deeper than ${maxValueDepth}`);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) return this.#addItems(value as readonly unknown[]);
    if (isSecret(value)) {
      this.#text.add('secret:');
      return this.add(reveal(value));
    }
    if (isArtifactFile(value)) return this.#addFile(value);
    if (prototype === Object.prototype || prototype === null) return this.#addPlain(value, prototype);
    this.lasting = false;
    if (prototype === Map.prototype) return this.#addEntries(value as Map<unknown, unknown>);
    if (prototype === Set.prototype) return this.#addMembers(value as Set<unknown>);
    if (prototype === Date.prototype) return this.#text.add(`d${(value as Date).getTime()};`);
    if (prototype === URL.prototype) return this.#text.add(`l${JSON.stringify((value as URL).href)}`);
    if (prototype === RegExp.prototype) {
      return this.#text.add(`r${(value as RegExp).lastIndex}${JSON.stringify(String(value))}`);
    }
    const type = (value.constructor as Function | undefined)?.name ?? '';
    if (binaryTypes.get(type)?.prototype === prototype) return this.#addBytes(type, value as ArrayBufferView);
    if (errorClasses.get(type)?.prototype === prototype) {
      // Not the stack, which tells of the way to a value rather than of the value.
      const fields = Object.getOwnPropertyNames(value).filter((key) => key !== 'stack');
      return this.#addFields(`e${type}{`, value, fields);
    }
    if (isArtifact(value)) return this.#text.add(`artifact:${JSON.stringify(value.name)}`);
    this.#refuse(`an instance of ${type === '' ? 'an unknown class' : type}`);
  }

  #addFile(value: object): void {
    this.lasting = false;
    this.#addFields('file{', value, FILE_IDENTITY);
  }

  #addPlain(value: object, prototype: unknown): void {
    const keys = Object.keys(value);
    if (keys.length !== Reflect.ownKeys(value).length) this.#refuse('a key that is a symbol or hidden');
    if (!Object.isFrozen(value)) this.lasting = false;
    this.#addFields(prototype === null ? '0{' : '{', value, keys);
  }

  #addFields(start: string, value: object, keys: readonly string[]): void {
    this.#text.add(start);
    for (const key of keys) {
      this.#text.add(JSON.stringify(key));
      this.#addAt(key, Reflect.get(value, key));
    }
    this.#text.add('}');
  }

  #addItems(items: readonly unknown[]): void {
    // Holes and fields beside the items would not count.
    if (Object.keys(items).length !== items.length) this.#refuse('an array with holes or with fields');
    if (!Object.isFrozen(items)) this.lasting = false;
    this.#text.add(`[${items.length};`);
    for (let index = 0; index < items.length; index++) this.#addAt(index, items[index]);
  }

  #addEntries(map: ReadonlyMap<unknown, unknown>): void {
    this.#text.add(`m${map.size};`);
    for (const [key, item] of map) {
      this.#addAt('key', key);
      this.#addAt('value', item);
    }
  }

  #addMembers(set: ReadonlySet<unknown>): void {
    this.#text.add(`s${set.size};`);
    for (const item of set) this.#addAt('member', item);
  }

  #addBytes(type: string, value: ArrayBufferView | ArrayBuffer): void {
    const view = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    if (view.buffer instanceof SharedArrayBuffer) this.#refuse(`a ${type} on shared memory`);
    this.#text.add(`b${type}:${view.byteLength};`);
    this.#text.addBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  #addAt(key: string | number, value: unknown): void {
    this.#path.push(key);
    this.add(value);
    this.#path.pop();
  }

  #refuse(found: string): never {
    const path = this.#path.slice(0, 8).map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`));
    throw new UnsupportedValueError(
      `${this.#root}${path.join('')}${this.#path.length > 8 ? '…' : ''}`,
      `${found}, which can't be compared with that of another cell or run`,
      'Use plain data, typed arrays or artifacts there, or leave out cacheable.',
    );
  }
}

const FILE_IDENTITY = ['experiment', 'replicate', 'condition', 'step', 'name', 'size', 'sha256'];

/** By shape: also files of another copy of this package. Without a sha256 nothing tells its bytes apart. */
function isArtifactFile(value: object): boolean {
  const { bytes, stream, sha256 } = value as Readonly<Record<string, unknown>>;
  return typeof bytes === 'function' && typeof stream === 'function' && typeof sha256 === 'string';
}

function isArtifact(value: object): value is { readonly name: string } {
  return 'codec' in value && 'name' in value && typeof value.name === 'string' && 'writeStream' in value;
}
