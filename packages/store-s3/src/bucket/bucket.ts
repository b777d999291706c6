import { Readable } from 'node:stream';
import type { CheckedOptions } from '../s3-store-options.ts';
import { bodyOf, headOf, type ListedPage, type ObjectBody, type ObjectHead } from './answers.ts';
import { failureOf } from './request-failure.ts';
import { conditionally, Requests, type WriteOutcome } from './requests.ts';
import { sendOnce } from './send-once.ts';
import { Uploads } from './uploads.ts';

/** What is put by one request. */
export interface PutRequest {
  /** What comes in pieces can be sent only once: a try that failed is not repeated. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly ifAbsent: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The requests that the store makes. What can be expected of a server comes back as a value; all else is a
 * StorageError that says what to do.
 */
export class Bucket {
  readonly location: string;
  readonly uploads: Uploads;
  readonly #requests: Requests;
  #found: Promise<unknown> | undefined;

  constructor(options: CheckedOptions) {
    this.#requests = new Requests(options);
    this.uploads = new Uploads(this.#requests);
    this.location = this.#requests.location;
  }

  /** A key for messages. */
  placeOf(key: string): string {
    return this.#requests.placeOf(key);
  }

  /** @returns `taken` when the key is, and `ifAbsent` was asked for. */
  async put(key: string, { body, size, sha256, ifAbsent, metadata }: PutRequest): Promise<WriteOutcome> {
    return this.#requests.attempt('write', key, async ({ sdk, client, addsChecksums }) => {
      const input = {
        ...this.#requests.at(key),
        Body: body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false }),
        ContentLength: size,
        Metadata: { ...metadata },
        ...(ifAbsent && { IfNoneMatch: '*' }),
        // It is known already, where the SDK would compute another, and send it after the bytes.
        ...(addsChecksums && { ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') }),
      };
      return conditionally(() => client.send(new sdk.PutObjectCommand(input)));
    });
  }

  /** `undefined` when there is no such object. */
  async head(key: string): Promise<ObjectHead | undefined> {
    return this.#requests.attempt('look at', key, async ({ sdk, client }) => {
      try {
        return headOf(await client.send(new sdk.HeadObjectCommand(this.#requests.at(key))));
      } catch (error) {
        const { status, code } = failureOf(error);
        // Such an answer has no body: whether the bucket is missing, or what is wrong, another request tells.
        if (status !== undefined && code === undefined) await this.#find();
        if (status === 404) return undefined;
        throw error;
      }
    });
  }

  /** The bytes of an object; `undefined` when there is no such object. */
  async get(key: string): Promise<ObjectBody | undefined> {
    return this.#requests.attempt('read', key, async ({ sdk, client }) => {
      try {
        return bodyOf(await client.send(new sdk.GetObjectCommand(this.#requests.at(key))));
      } catch (error) {
        if (failureOf(error).code === 'NoSuchKey') return undefined;
        throw error;
      }
    });
  }

  /** The bytes of an object from an offset on; `undefined` when it is another one by now, or gone. */
  async getRest(key: string, etag: string, offset: number): Promise<ObjectBody | undefined> {
    return this.#requests.attempt('read', key, async ({ sdk, client }) => {
      const rest = { Range: `bytes=${offset}-`, IfMatch: etag };
      try {
        return bodyOf(await client.send(new sdk.GetObjectCommand({ ...this.#requests.at(key), ...rest })));
      } catch (error) {
        const { code, status } = failureOf(error);
        if (code === 'NoSuchKey' || status === 412 || status === 416) return undefined;
        throw error;
      }
    });
  }

  /** A missing object is no error. */
  async delete(key: string): Promise<void> {
    await this.#requests.attempt('remove', key, async ({ sdk, client }) => {
      await client.send(new sdk.DeleteObjectCommand(this.#requests.at(key)));
    });
  }

  /**
   * Removes one object and no other, where the server heeds `If-Match`. It is asked once: a second request
   * might come when more has happened.
   * @returns `changed` when the server found another one, or says so.
   */
  async deleteIf(key: string, etag: string): Promise<'deleted' | 'changed'> {
    return this.#requests.attempt('remove', key, async ({ sdk, client }) => {
      const command = new sdk.DeleteObjectCommand({ ...this.#requests.at(key), IfMatch: etag });
      sendOnce(command);
      try {
        await client.send(command);
      } catch (error) {
        const { status, code } = failureOf(error);
        if (status === 412) return 'changed';
        if (code !== 'NoSuchKey') throw error;
      }
      return 'deleted';
    });
  }

  /** Missing objects are no error. @param keys - At most 1000. */
  async deleteAll(keys: readonly string[]): Promise<void> {
    const [some] = keys;
    if (some === undefined) return;
    await this.#requests.attempt('remove objects such as', some, async ({ sdk, client }) => {
      const { bucket, prefix } = this.#requests;
      const Delete = { Objects: keys.map((key) => ({ Key: prefix + key })), Quiet: true };
      const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete }));
      const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
      if (failed) throw Object.assign(new Error(failed.Message ?? 'it was refused'), { Code: failed.Code });
    });
  }

  /**
   * Objects whose key begins with `start`, in the order of the bytes of their keys.
   * @param delimited - Those in folders only by their folder.
   */
  async *list(start: string, delimited = false): AsyncGenerator<ListedPage, void, undefined> {
    const { bucket, prefix } = this.#requests;
    const input = { Bucket: bucket, Prefix: prefix + start, ...(delimited && { Delimiter: '/' }) };
    let next: string | undefined;
    do {
      const token = next === undefined ? undefined : { ContinuationToken: next };
      const page = await this.#requests.attempt('list', start, ({ sdk, client }) =>
        client.send(new sdk.ListObjectsV2Command({ ...input, ...token })),
      );
      yield {
        objects: (page.Contents ?? []).map(({ Key = '', Size = 0, ETag = '', LastModified }) => {
          return {
            key: Key.slice(prefix.length),
            size: Size,
            etag: ETag,
            changed: LastModified?.getTime() ?? 0,
          };
        }),
        folders: (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)),
      };
      next = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  /** Copies an object of at most 5 GiB, metadata and all. */
  async copy(from: string, to: string): Promise<void> {
    await this.#requests.attempt('copy', from, ({ sdk, client }) =>
      client.send(
        new sdk.CopyObjectCommand({ ...this.#requests.at(to), CopySource: this.#requests.sourceAt(from) }),
      ),
    );
  }

  /** Sees once that the bucket is there, and that it may be asked. */
  async #find(): Promise<void> {
    this.#found ??= this.#requests.attempt('list', '', ({ sdk, client }) =>
      client.send(new sdk.ListObjectsV2Command({ Bucket: this.#requests.bucket, MaxKeys: 1 })),
    );
    try {
      await this.#found;
    } catch (error) {
      this.#found = undefined;
      throw error;
    }
  }
}
