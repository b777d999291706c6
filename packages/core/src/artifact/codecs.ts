import type { StandardSchemaV1 } from '@standard-schema/spec';
import { CorruptArtifactError, UnsupportedValueError } from '../errors/storage-errors.ts';
import type { Codec } from './artifact.ts';
import type { ArtifactFile } from './artifact-file.ts';

/** Bytes as they are, strings as UTF-8; loads bytes. The default. */
export function bytesCodec(): Codec<Uint8Array | string> {
  return {
    writer(value) {
      if (typeof value === 'string' || value instanceof Uint8Array) return value;
      throw new UnsupportedValueError(
        '$',
        `an artifact without a codec takes bytes or a string, and got ${describeType(value)}`,
        'Give it one: new Artifact(name, jsonCodec()).',
      );
    },
    loader: (file) => file.bytes(),
  };
}

/** Text as UTF-8. */
export function textCodec(): Codec<string> {
  return { writer: (value) => value, loader: (file) => file.text() };
}

/**
 * JSON, indented by two spaces. What JSON would change silently is refused: NaN, ±Infinity, bigint,
 * Map, Set, functions, undefined in an array; use {@link superjsonCodec} for these.
 *
 * @param schema - A Standard Schema (zod, valibot, arktype, …) that loaded values are checked against.
 */
export function jsonCodec<T = unknown>(schema?: StandardSchemaV1<unknown, T>): Codec<T> {
  return {
    writer: (value) => `${JSON.stringify(value, refuseLoss, 2)}\n`,
    async loader(file) {
      const value = await file.json();
      return schema ? checked(schema, value, file) : (value as T);
    },
  };
}

/** Everything superjson carries: Date, Map, Set, bigint, NaN, undefined, typed arrays, … */
export function superjsonCodec<T = unknown>(): Codec<T> {
  // Loaded when it is first needed: most experiments never are, and every start would pay for it.
  const values = () => import('../storage/values.ts');
  return {
    writer: async (value) => `${JSON.stringify((await values()).encodeValue(value))}\n`,
    loader: async (file) => (await values()).decodeValue(await file.json()) as T,
  };
}

function refuseLoss(this: unknown, key: string, value: unknown): unknown {
  const where = key === '' ? '$' : `the key '${key}'`;
  const advice = 'JSON has no form for it; use superjsonCodec(), or convert it first.';
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new UnsupportedValueError(where, String(value), advice);
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    throw new UnsupportedValueError(where, `a ${typeof value}`, advice);
  }
  if (value === undefined && (Array.isArray(this) || key === ''))
    throw new UnsupportedValueError(where, 'undefined', advice);
  // As it was before its own toJSON, which a Buffer has.
  const original: unknown = Reflect.get(this as object, key);
  if (original instanceof Map || original instanceof Set || ArrayBuffer.isView(original)) {
    throw new UnsupportedValueError(where, `a ${describeType(original)}`, advice);
  }
  return value;
}

async function checked<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  file: ArtifactFile,
): Promise<T> {
  const outcome = await schema['~standard'].validate(value);
  if (!outcome.issues) return outcome.value;
  const list = outcome.issues.map((issue) => `\n  - ${pathOf(issue)}: ${issue.message}`).join('');
  throw new CorruptArtifactError(
    `The artifact '${file.name}' of '${file.experiment}' (replicate ${file.replicate}, ${file.condition}, step '${file.step}') does not fit its schema:${list}`,
  );
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  const parts = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return ['$', ...parts].join('.');
}

function describeType(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  return (value.constructor as { name?: string } | undefined)?.name ?? 'object';
}
