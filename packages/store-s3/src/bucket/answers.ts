import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';

/** What is known of an object without its bytes. */
export interface ObjectHead {
  /** In bytes; that of the whole object. */
  readonly size: number;
  /** As the server gives it. */
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object's bytes, or those from an offset on. */
export interface ObjectBody extends ObjectHead {
  /** Where the bytes begin. */
  readonly offset: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** By the server's clock, in milliseconds. */
  readonly changed: number;
}

/** A page of a listing. */
export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** Keys of folders, without the `/` at their end; only where they were asked for. */
  readonly folders: readonly string[];
}

type Answer = Pick<GetObjectCommandOutput, 'ContentLength' | 'ETag' | 'Metadata'>;

/** @throws Error when the answer has no size. */
export function headOf({ ContentLength, ETag, Metadata }: Answer): ObjectHead {
  if (ContentLength === undefined) throw new Error('the server does not tell how large it is');
  return { size: ContentLength, etag: ETag ?? '', metadata: Metadata ?? {} };
}

/** @throws Error when the answer has no size. */
export function bodyOf(answer: GetObjectCommandOutput): ObjectBody {
  const head = headOf(answer);
  // Without the header the server has sent the whole, whatever it was asked for.
  const [, first = '0', total] = /^bytes ([0-9]+)-[0-9]+\/([0-9]+)$/.exec(answer.ContentRange ?? '') ?? [];
  return {
    ...head,
    size: total === undefined ? head.size : Number(total),
    offset: Number(first),
    bytes: answer.Body as unknown as AsyncIterable<Uint8Array>,
  };
}
