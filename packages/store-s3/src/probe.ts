import { randomUUID } from 'node:crypto';
import type { Bucket } from './bucket/bucket.ts';
import { probeKey } from './bucket/hidden-keys.ts';
import { putOnce, writeMetadata } from './bucket/put-once.ts';
import { StoreUnsuitableError } from './store-unsuitable-error.ts';

const probe = Buffer.from(
  'Crystallize has found out by this object that the server heeds conditions. It may be removed.\n',
);

/** What the server can do, found out by trying it. Each thing is tried once. */
export class Capabilities {
  readonly #bucket: Bucket;
  #conditionalPut: Promise<void> | undefined;
  #conditionalUpload: Promise<boolean> | undefined;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Resolves when the server decides who is first under a key. Without that two runs would write one version.
   * @throws StoreUnsuitableError when it does not.
   */
  async assertConditionalPut(): Promise<void> {
    this.#conditionalPut ??= this.#tryPut();
    await this.#conditionalPut.catch((error: unknown) => {
      // Trouble may pass.
      this.#conditionalPut = undefined;
      throw error;
    });
  }

  /** Whether the server heeds the same condition where it puts the parts of an upload together. Not all do. */
  async hasConditionalUpload(): Promise<boolean> {
    this.#conditionalUpload ??= this.#tryUpload();
    return this.#conditionalUpload.catch((error: unknown) => {
      this.#conditionalUpload = undefined;
      throw error;
    });
  }

  async #tryPut(): Promise<void> {
    // It stays, so that one request is enough in the next process.
    const key = probeKey('if-none-match');
    if (!(await putOnce(this.#bucket, key, probe))) return;
    if (!(await putOnce(this.#bucket, key, probe))) return;
    throw new StoreUnsuitableError(
      `${this.#bucket.location} can't keep runs: its server ignores 'If-None-Match: *', by which a store decides which of two runs is first, so that one would overwrite the other. Use a server that heeds it, such as AWS S3, Cloudflare R2, MinIO or Ceph, in a recent version; a proxy in between has to pass that header on.`,
    );
  }

  async #tryUpload(): Promise<boolean> {
    const key = probeKey(randomUUID());
    const { uploads } = this.#bucket;
    await putOnce(this.#bucket, key, probe);
    const upload = await uploads.begin(key, writeMetadata());
    try {
      const part = await uploads.put(upload, 1, probe);
      return (await uploads.complete(upload, [part], true)) === 'taken';
    } finally {
      // Gone, where it was completed.
      await uploads.abort(upload).catch(() => {});
      await this.#bucket.delete(key);
    }
  }
}
