import { createReadStream } from 'node:fs';
import { InvalidArgumentError } from '../errors/invalid-argument-error.ts';
import type { ArtifactRecord } from '../plugin/records.ts';
import type { ArtifactFile } from './artifact-file.ts';
import { type ArtifactScope, currentScope, followSteps } from './artifact-scope.ts';
import { bytesCodec } from './codecs.ts';

/** How values become bytes and bytes values. Either may be async. */
export interface Codec<T> {
  writer(value: T): Uint8Array | string | Promise<Uint8Array | string>;
  loader(file: ArtifactFile): T | Promise<T>;
}

/** Any artifact, whatever type it holds. */
export interface AnyArtifact {
  readonly name: string;
  readonly codec: { writer(value: never): unknown; loader(file: ArtifactFile): unknown };
}

/**
 * A named file that steps produce, and how its value is written and read.
 *
 * @typeParam T - What is written and loaded.
 * @typeParam N - The name, so that two artifacts of one type are told apart.
 * @example
 * const model = new Artifact('model.json', jsonCodec<Model>());
 * // inside a step: await model.write(fitted);
 */
export class Artifact<in out T = Uint8Array | string, const N extends string = string> {
  /** May contain `/` for subfolders. */
  readonly name: N;
  readonly codec: Codec<T>;

  /** The default codec stores bytes as they are and strings as UTF-8, and loads bytes. */
  constructor(name: N, codec?: Codec<T>) {
    followSteps();
    this.name = name;
    this.codec = codec ?? (bytesCodec() as Codec<unknown> as Codec<T>);
  }

  /**
   * Stores the value as a file of the step that is running. A write that fails fails the step, also
   * when the step does not wait for it.
   * @throws ArtifactScopeError outside a step, or after its end.
   * @throws ArtifactConflictError when this step has written the name already.
   */
  write(value: T): Promise<ArtifactRecord> {
    return this.#inStep((scope) => scope.writeArtifact(this, value));
  }

  /** Stores bytes as they come; they are never held whole in memory. Errors as for {@link write}. */
  writeStream(
    pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  ): Promise<ArtifactRecord> {
    return this.#inStep((scope) => scope.writeArtifactBody(this.name, encoded(pieces)));
  }

  /** Stores a copy of a file of this machine, as a stream. Errors as for {@link write}. */
  writeFile(path: string | URL): Promise<ArtifactRecord> {
    return this.#inStep((scope) => scope.writeArtifactBody(this.name, piecesOf(path)));
  }

  /** The value of a file that was written by this artifact. */
  async load(file: ArtifactFile): Promise<T> {
    return this.codec.loader(file);
  }

  /** Rejects rather than throws; out of a step unheeded also loudly, since no step will tell of it. */
  #inStep(write: (scope: ArtifactScope) => Promise<ArtifactRecord>): Promise<ArtifactRecord> {
    let scope: ArtifactScope;
    try {
      scope = currentScope(this.name);
    } catch (error) {
      return Promise.reject(error);
    }
    const written = write(scope);
    // The step fails by its own account of the write; an unawaited rejection must not end the process.
    written.catch(() => {});
    return written;
  }
}

/** Opened when it is read: the error of a stream that nobody reads yet would end the process. */
async function* piecesOf(path: string | URL): AsyncIterable<Uint8Array> {
  yield* createReadStream(path);
}

async function* encoded(
  pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) {
    if (typeof piece === 'string') yield Buffer.from(piece, 'utf8');
    else if (piece instanceof Uint8Array) yield piece;
    else
      throw new InvalidArgumentError(
        `writeStream takes pieces that are bytes or strings, and got ${typeof piece}.`,
      );
  }
}
