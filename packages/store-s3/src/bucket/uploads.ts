import type { CompletedPart } from '@aws-sdk/client-s3';
import { failureOf } from './request-failure.ts';
import { conditionally, type Requests, type WriteOutcome } from './requests.ts';

/** An upload in parts that is under way. */
export interface Upload {
  readonly key: string;
  readonly id: string;
}

/** The requests of uploads in parts. */
export class Uploads {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  async begin(key: string, metadata: Readonly<Record<string, string>>): Promise<Upload> {
    return this.#requests.attempt('begin to write', key, async ({ sdk, client }) => {
      const { UploadId: id } = await client.send(
        new sdk.CreateMultipartUploadCommand({ ...this.#requests.at(key), Metadata: { ...metadata } }),
      );
      if (id === undefined) throw new Error('the server gave no id for the upload');
      return { key, id };
    });
  }

  /** @param number - From 1. */
  async put({ key, id }: Upload, number: number, body: Uint8Array): Promise<CompletedPart> {
    return this.#requests.attempt('write', key, async ({ sdk, client }) => {
      const input = { ...this.#requests.at(key), UploadId: id, PartNumber: number, Body: body };
      return completed(await client.send(new sdk.UploadPartCommand(input)), number);
    });
  }

  /**
   * @returns `taken` when the key is, and `ifAbsent` was asked for; `gone` when there is no such upload: it was
   * aborted, or completed by a try whose answer was lost.
   */
  async complete(
    { key, id }: Upload,
    parts: readonly CompletedPart[],
    ifAbsent: boolean,
  ): Promise<WriteOutcome | 'gone'> {
    return this.#requests.attempt('write', key, async ({ sdk, client }) => {
      const input = {
        ...this.#requests.at(key),
        UploadId: id,
        MultipartUpload: { Parts: parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)) },
        ...(ifAbsent && { IfNoneMatch: '*' }),
      };
      try {
        return await conditionally(() => client.send(new sdk.CompleteMultipartUploadCommand(input)));
      } catch (error) {
        if (failureOf(error).code === 'NoSuchUpload') return 'gone';
        throw error;
      }
    });
  }

  async abort({ key, id }: Upload): Promise<void> {
    await this.#requests.attempt('stop writing', key, ({ sdk, client }) =>
      client.send(new sdk.AbortMultipartUploadCommand({ ...this.#requests.at(key), UploadId: id })),
    );
  }
}

type Part = Omit<CompletedPart, 'PartNumber'>;

/** What the server has to be told of a part in the end. */
function completed(part: Part, number: number): CompletedPart {
  const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } = part;
  return {
    PartNumber: number,
    ETag,
    ChecksumCRC32,
    ChecksumCRC32C,
    ChecksumCRC64NVME,
    ChecksumSHA1,
    ChecksumSHA256,
  };
}
