import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** An object of the fake server. */
export interface FakeObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly changed: Date;
}

/** What the fake server answers, when not with bytes. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer;
}

/** An answer that says what went wrong, as S3 does. */
export function refusal(status: number, code: string, message = code): FakeAnswer {
  const body = xml(`<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** An answer in XML. */
export function answerXml(content: string): FakeAnswer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: xml(content) };
}

/** An object of what a request has brought. */
export function objectOf(
  bytes: Buffer,
  metadata: Readonly<Record<string, string>>,
  etag: string = createHash('md5').update(bytes).digest('hex'),
): FakeObject {
  return { bytes, metadata, etag: `"${etag}"`, changed: new Date() };
}

/** The `x-amz-meta-` headers. */
export function metadataIn(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  return Object.fromEntries(own.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]));
}

/** The headers that tell of an object. */
export function headersOf({ etag, metadata, changed, bytes }: FakeObject): Record<string, string | number> {
  const own = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    etag,
    'last-modified': changed.toUTCString(),
    'content-length': bytes.length,
    ...Object.fromEntries(own),
  };
}

/** A page of a listing, in the order of the bytes of the keys. */
export function listing(objects: ReadonlyMap<string, FakeObject>, query: URLSearchParams): FakeAnswer {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const after = query.get('continuation-token') ?? '';
  const most = Number(query.get('max-keys') ?? 1000);
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes);
  const found: string[] = [];
  let last = '';
  let isTruncated = false;
  const folders = new Set<string>();
  for (const key of keys) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const shown = end === -1 ? key : key.slice(0, end + 1);
    if ((after !== '' && byBytes(shown, after) <= 0) || folders.has(shown)) continue;
    if (found.length + folders.size === most) {
      isTruncated = true;
      break;
    }
    last = shown;
    if (end === -1) found.push(key);
    else folders.add(shown);
  }
  const contents = found.map((key) => {
    const { bytes, etag, changed } = objects.get(key) as FakeObject;
    return `<Contents><Key>${escapeXml(key)}</Key><Size>${bytes.length}</Size><ETag>${escapeXml(etag)}</ETag><LastModified>${changed.toISOString()}</LastModified></Contents>`;
  });
  const prefixes = [...folders].map(
    (key) => `<CommonPrefixes><Prefix>${escapeXml(key)}</Prefix></CommonPrefixes>`,
  );
  const next = isTruncated ? `<NextContinuationToken>${escapeXml(last)}</NextContinuationToken>` : '';
  return answerXml(
    `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}${prefixes.join('')}</ListBucketResult>`,
  );
}

/** The contents of each element of that name. */
export function elements(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, content = '']) =>
    content
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  );
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function xml(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${content}`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
