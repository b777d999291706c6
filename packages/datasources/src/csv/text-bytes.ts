import { isUtf8 } from 'node:buffer';
import { CsvError } from './csv-error.ts';

/** Bytes that are no text in the expected encoding; `offset` is that of the first, behind a BOM. */
export class InvalidBytes extends Error {
  readonly offset: number | undefined;
  constructor(message: string, offset?: number, cause?: unknown) {
    super(message, { cause });
    this.offset = offset;
  }
}

// What becomes rows at once. Larger pieces are no faster, and their rows outlive the young generation of
// the garbage collector: at 64 KiB a stream takes half as much memory again.
const pieceSize = 16 * 1024;

/**
 * Turns bytes of any encoding into pieces of valid UTF-8 without a byte order mark. What precedes
 * invalid bytes comes out before they are reported.
 * @throws InvalidBytes at the first bytes that are no text in the encoding.
 */
export async function* utf8Pieces(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
  file: string,
): AsyncGenerator<Uint8Array> {
  const texts = encoding === 'utf-8' ? checked(chunks, file) : transcoded(chunks, encoding);
  for await (const text of texts) {
    for (let at = 0; at < text.length; at += pieceSize) yield text.subarray(at, at + pieceSize);
  }
}

async function* checked(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  let offset = 0;
  let bom = 0;
  for await (const chunk of chunks) {
    let bytes: Buffer = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk]);
    if (!begun) {
      if (bytes.length < 3) {
        rest = bytes;
        continue;
      }
      begun = true;
      bom = markLength(bytes, file);
      bytes = bytes.subarray(bom);
    }
    const whole = bytes.length - incompleteTail(bytes);
    const valid = bytes.subarray(0, whole);
    if (!isUtf8(valid)) return yield* upToInvalid(valid, offset, bom);
    if (whole > 0) yield valid;
    offset += whole;
    rest = Buffer.from(bytes.subarray(whole));
  }
  if (!begun) rest = rest.subarray(markLength(rest, file));
  if (!isUtf8(rest)) return yield* upToInvalid(rest, offset, bom);
  if (rest.length > 0) yield rest;
}

function markLength(bytes: Buffer, file: string): number {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 3;
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'be' : '';
  if (wide) {
    const problem = `the text is UTF-16, and UTF-8 was expected. Give encoding: 'utf-16${wide}', or save it as UTF-8.`;
    throw new CsvError('CSV_ENCODING', { file, line: 1 }, problem);
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const problem = `the bytes are gzip, and text was expected. Unpack it, or read fs.createReadStream(path).pipe(zlib.createGunzip()).`;
    throw new CsvError('CSV_ENCODING', { file, line: 1 }, problem);
  }
  return 0;
}

async function* upToInvalid(bytes: Buffer, offset: number, bom: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  while (at < bytes.length && isUtf8(bytes.subarray(at, at + sequenceLength(bytes[at])))) {
    at += sequenceLength(bytes[at]);
  }
  if (at > 0) yield bytes.subarray(0, at);
  const byte = `0x${bytes[at]?.toString(16).padStart(2, '0')}`;
  throw new InvalidBytes(`byte ${offset + bom + at} of the file (${byte}) is not UTF-8`, offset + at);
}

function sequenceLength(lead = 0): number {
  return lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/** How many bytes at the end may be the beginning of a character that the next chunk completes. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

async function* transcoded(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let read = 0;
  for await (const chunk of chunks) {
    yield decode(chunk);
    read += chunk.length;
  }
  yield decode();

  function decode(chunk?: Uint8Array): Uint8Array {
    try {
      return Buffer.from(chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode());
    } catch (cause) {
      const where = chunk
        ? `bytes ${read} to ${read + chunk.length - 1} of the file are`
        : 'the last bytes of the file are';
      throw new InvalidBytes(`${where} not all ${encoding}`, undefined, cause);
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
