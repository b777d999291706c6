import { recogniseAs } from './crystallize-error.ts';

const NATIVE: ReadonlyMap<string, ErrorConstructor> = new Map(
  [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((type) => [type.name, type]),
);

/** @internal The names of an error's classes, nearest first, up to but without `Error`; `undefined` for a plain one. */
export function namesOfClasses(error: Error): readonly string[] | undefined {
  const names: string[] = [];
  for (
    let at: unknown = Object.getPrototypeOf(error);
    at && at !== Error.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    names.push(nameOfClass(at));
  }
  return names.length > 0 ? names : undefined;
}

/** @internal Makes an error one of these classes, as far as they are known here: others are made anew, by name. */
export function giveClasses(error: Error, classes: readonly string[]): void {
  if (classes.includes('CrystallizeError')) {
    recogniseAs(error, classes);
    return;
  }
  let prototype: object = Error.prototype;
  for (const name of classes.toReversed())
    prototype = NATIVE.get(name)?.prototype ?? namedPrototype(name, prototype);
  Object.setPrototypeOf(error, prototype);
}

function nameOfClass(prototype: unknown): string {
  const { constructor: type } = prototype as { readonly constructor?: unknown };
  return typeof type === 'function' ? type.name : '';
}

/** What `instanceof` and printing make of an instance of a class by this name. */
function namedPrototype(name: string, base: object): object {
  const type = { [name]: class {} }[name];
  return Object.create(base, { constructor: { value: type, writable: true, configurable: true } });
}
