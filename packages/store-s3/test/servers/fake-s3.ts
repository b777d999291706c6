import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  answerXml,
  elements,
  type FakeAnswer,
  type FakeObject,
  headersOf,
  listing,
  metadataIn,
  objectOf,
  refusal,
} from './fake-objects.ts';
import type { S3Place } from './s3-place.ts';

/** How a fake server differs from AWS S3, as some real ones do. */
export interface FakeS3Options {
  /** Which conditions of requests have no effect. */
  readonly ignores?: readonly ('put-if-none-match' | 'upload-if-none-match' | 'delete-if-match')[];
}

/** A server in this process that does what the store asks of S3, and the buckets that it was asked for. */
export interface FakeS3 extends S3Place, AsyncDisposable {
  /** The objects of a bucket; it is made by asking for it. */
  bucket(name: string): Map<string, FakeObject>;
  /** Uploads in parts that are under way. */
  readonly uploads: ReadonlyMap<string, unknown>;
}

const credentials = { accessKeyId: 'fake', secretAccessKey: 'a-secret-that-nobody-may-see' };

/** Starts a fake server. */
export async function startFakeS3({ ignores = [] }: FakeS3Options = {}): Promise<FakeS3> {
  const buckets = new Map<string, Map<string, FakeObject>>();
  const fake = new Handler(buckets, new Set(ignores));
  const server = createServer((request, response) => {
    fake.answer(request).then(
      (answer) => send(response, request.method, answer),
      () => response.destroy(),
    );
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials,
    bucket: (name) => {
      const bucket = buckets.get(name) ?? new Map<string, FakeObject>();
      buckets.set(name, bucket);
      return bucket;
    },
    uploads: fake.uploads,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface FakeUpload {
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

interface FakeRequest {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly objects: Map<string, FakeObject>;
}

class Handler {
  readonly uploads = new Map<string, FakeUpload>();
  readonly #buckets: ReadonlyMap<string, Map<string, FakeObject>>;
  readonly #ignores: ReadonlySet<string>;

  constructor(buckets: ReadonlyMap<string, Map<string, FakeObject>>, ignores: ReadonlySet<string>) {
    this.#buckets = buckets;
    this.#ignores = ignores;
  }

  async answer(incoming: IncomingMessage): Promise<FakeAnswer> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { headers, method = '' } = incoming;
    if (!headers.authorization?.includes(`Credential=${credentials.accessKeyId}/`))
      return refusal(403, 'InvalidAccessKeyId');
    const { pathname, searchParams: query } = new URL(incoming.url ?? '', 'http://fake');
    const [, name = '', ...path] = pathname.split('/').map(decodeURIComponent);
    const objects = this.#buckets.get(name);
    if (!objects) return refusal(404, 'NoSuchBucket');
    if (Buffer.byteLength(path.join('/')) > 1024) return refusal(400, 'KeyTooLongError');
    const body = Buffer.concat(chunks);
    const expected = headers['x-amz-checksum-sha256'];
    if (expected && createHash('sha256').update(body).digest('base64') !== expected)
      return refusal(400, 'BadDigest');
    const request = { method, key: path.join('/'), query, headers, body, objects };
    if (query.has('uploads') || query.has('uploadId')) return this.#upload(request);
    if (request.key === '') return method === 'POST' ? this.#deleteAll(request) : listing(objects, query);
    if (method === 'PUT') return this.#put(request);
    if (method === 'DELETE') return this.#delete(request);
    return get(request);
  }

  #put({ key, headers, body, objects }: FakeRequest): FakeAnswer {
    const source = headers['x-amz-copy-source'];
    if (source !== undefined) {
      const copied = objects.get(decodeURIComponent(String(source)).replace(/^\/?[^/]*\//, ''));
      if (!copied) return refusal(404, 'NoSuchKey');
      objects.set(key, { ...copied, changed: new Date() });
      return answerXml(`<CopyObjectResult><ETag>${copied.etag}</ETag></CopyObjectResult>`);
    }
    if (this.#isTaken('put-if-none-match', headers, objects, key)) return refusal(412, 'PreconditionFailed');
    const object = objectOf(body, metadataIn(headers));
    objects.set(key, object);
    return { status: 200, headers: { etag: object.etag } };
  }

  #isTaken(
    what: string,
    headers: FakeRequest['headers'],
    objects: FakeRequest['objects'],
    key: string,
  ): boolean {
    return headers['if-none-match'] === '*' && !this.#ignores.has(what) && objects.has(key);
  }

  #delete({ key, headers, objects }: FakeRequest): FakeAnswer {
    const etag = headers['if-match'];
    const found = objects.get(key);
    if (etag !== undefined && found && found.etag !== etag && !this.#ignores.has('delete-if-match'))
      return refusal(412, 'PreconditionFailed');
    objects.delete(key);
    return { status: 204 };
  }

  #deleteAll({ body, objects }: FakeRequest): FakeAnswer {
    for (const key of elements(body.toString(), 'Key')) objects.delete(key);
    return answerXml('<DeleteResult></DeleteResult>');
  }

  #upload({ method, key, query, headers, body, objects }: FakeRequest): FakeAnswer {
    if (query.has('uploads')) {
      const id = randomUUID();
      this.uploads.set(id, { key, metadata: metadataIn(headers), parts: new Map() });
      return answerXml(
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (upload?.key !== key) return refusal(404, 'NoSuchUpload');
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` } };
    }
    if (method === 'DELETE') {
      this.uploads.delete(id);
      return { status: 204 };
    }
    if (this.#isTaken('upload-if-none-match', headers, objects, key))
      return refusal(412, 'PreconditionFailed');
    const numbers = elements(body.toString(), 'PartNumber').map(Number);
    const parts = numbers.map((number) => upload.parts.get(number));
    if (parts.some((part, index) => !part || (index < parts.length - 1 && part.length < 5 * 1024 ** 2)))
      return refusal(400, 'EntityTooSmall');
    this.uploads.delete(id);
    const etag = `${randomUUID().replaceAll('-', '')}-${parts.length}`;
    objects.set(key, objectOf(Buffer.concat(parts as Buffer[]), upload.metadata, etag));
    return answerXml(`<CompleteMultipartUploadResult><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>`);
  }
}

function get({ key, headers, objects }: FakeRequest): FakeAnswer {
  const object = objects.get(key);
  if (!object) return refusal(404, 'NoSuchKey');
  const etag = headers['if-match'];
  if (etag !== undefined && etag !== object.etag) return refusal(412, 'PreconditionFailed');
  const [, from] = /^bytes=([0-9]+)-$/.exec(headers.range ?? '') ?? [];
  if (from === undefined) return { status: 200, headers: headersOf(object), body: object.bytes };
  if (Number(from) >= object.bytes.length) return refusal(416, 'InvalidRange');
  const body = object.bytes.subarray(Number(from));
  const range = `bytes ${from}-${object.bytes.length - 1}/${object.bytes.length}`;
  return {
    status: 206,
    headers: { ...headersOf(object), 'content-length': body.length, 'content-range': range },
    body,
  };
}

function send(
  response: ServerResponse,
  method: string | undefined,
  { status, headers, body }: FakeAnswer,
): void {
  response.writeHead(status, headers);
  response.end(method === 'HEAD' ? undefined : body);
}
