import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { StorageError, type StoredObject } from '@crystallize/core/storage';
import type { Bucket } from '../bucket/bucket.ts';
import { isOutcomeOf, putRecognisably, writeMetadata } from '../bucket/put-once.ts';
import type { Capabilities } from '../probe.ts';
import { Parts } from './parts.ts';
import { spool } from './spool.ts';
import { uploadParts } from './upload-parts.ts';

/** Bytes up to which what is in memory anyway goes in one request. */
const largestSingle = 64 * 1024 * 1024;
/** What a server takes in one request at most. */
const largestPut = 5 * 1024 ** 3;
const spooledTries = 4;
/** Milliseconds after the first try that failed. */
const pause = 200;

/** Puts objects, whole or not at all. */
export class Publisher {
  readonly #bucket: Bucket;
  readonly #capabilities: Capabilities;
  readonly #partSize: number;

  constructor(bucket: Bucket, capabilities: Capabilities, partSize: number) {
    this.#bucket = bucket;
    this.#capabilities = capabilities;
    this.#partSize = partSize;
  }

  /** @throws StorageError `OBJECT_EXISTS` when the key is taken, and `ifAbsent` was asked for. */
  async publish(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    ifAbsent: boolean,
  ): Promise<StoredObject> {
    if (!(body instanceof Uint8Array)) return this.#publishStream(key, body, ifAbsent);
    const goesInParts = body.length > largestSingle && (await this.#canUpload(ifAbsent));
    if (goesInParts) return this.#publishStream(key, piecesOf(body), ifAbsent);
    const stored = { size: body.length, sha256: hash('sha256', body) };
    await this.#put(key, body, stored, ifAbsent);
    return stored;
  }

  async #publishStream(
    key: string,
    body: AsyncIterable<Uint8Array>,
    ifAbsent: boolean,
  ): Promise<StoredObject> {
    const parts = new Parts(body, this.#partSize);
    try {
      const first = await parts.next();
      if (parts.hasEnded) await this.#put(key, first.bytes, parts.stored, ifAbsent);
      else if (await this.#canUpload(ifAbsent)) await this.#upload(key, first, parts, ifAbsent);
      else await this.#putSpooled(key, first, parts);
      return parts.stored;
    } finally {
      await parts.stop();
    }
  }

  /** Parts are put together under a condition, or under none. */
  async #canUpload(ifAbsent: boolean): Promise<boolean> {
    return !ifAbsent || this.#capabilities.hasConditionalUpload();
  }

  async #put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { size, sha256 }: StoredObject,
    ifAbsent: boolean,
  ): Promise<void> {
    if (!(await putRecognisably(this.#bucket, key, { body, size, sha256, ifAbsent })))
      throw this.#exists(key);
  }

  async #upload(
    key: string,
    first: Awaited<ReturnType<Parts['next']>>,
    parts: Parts,
    ifAbsent: boolean,
  ): Promise<void> {
    const { uploads } = this.#bucket;
    const metadata = writeMetadata();
    const upload = await uploads.begin(key, metadata);
    let isPublished = false;
    try {
      const completed = await uploadParts(uploads, upload, first, parts);
      const outcome = await uploads.complete(upload, completed, ifAbsent);
      isPublished = outcome === 'written' || (await isOutcomeOf(this.#bucket, key, metadata));
      if (isPublished) return;
      throw outcome === 'taken' ? this.#exists(key) : this.#vanished(key);
    } finally {
      // What is left of an upload costs money, but nobody ever sees it: that is no reason to fail.
      if (!isPublished) await uploads.abort(upload).catch(() => {});
    }
  }

  /** For servers that know conditions only of whole objects: the body waits on this machine until its size is known. */
  async #putSpooled(key: string, first: Awaited<ReturnType<Parts['next']>>, parts: Parts): Promise<void> {
    await using file = await spool(first, parts, { mostBytes: largestPut, reads: spooledTries });
    const write = writeMetadata();
    for (let attempt = 1; ; attempt += 1) {
      const request = { body: file.read(), ...parts.stored, ifAbsent: true };
      try {
        if (await putRecognisably(this.#bucket, key, request, write)) return;
        break;
      } catch (error) {
        // The SDK sends what comes in pieces only once.
        if (attempt === spooledTries) throw error;
        await delay(attempt * pause);
      }
    }
    throw this.#exists(key);
  }

  #exists(key: string): StorageError {
    return new StorageError(
      `${this.#bucket.placeOf(key)} is there already. Choose another name, or remove it first.`,
      { code: 'OBJECT_EXISTS' },
    );
  }

  #vanished(key: string): StorageError {
    return new StorageError(
      `Could not write ${this.#bucket.placeOf(key)}: something ended the upload before all of it had arrived. If the bucket has a rule that ends uploads, give them a day or more; then resume the run.`,
    );
  }
}

async function* piecesOf(body: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
}
