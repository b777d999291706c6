const CR = 13;
const LF = 10;

/**
 * The bytes of a stream from the last row that was handed on, with their physical line numbers. Lines
 * are counted as bytes leave the window, and in it only when somebody asks; so a file of any length
 * costs one fast pass, and an error far down still knows its line.
 */
export class ByteWindow {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Offset in the stream of the first byte in the window. */
  #start = 0;
  /** Line breaks that ended before the window. */
  #breaks = 0;

  append(chunk: Uint8Array): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
  }

  /** Offset just behind the last byte. */
  get end(): number {
    return this.#start + this.#bytes.length;
  }

  /** Lets go of what lies before an offset, which must not part a CR from its LF. */
  release(offset: number): void {
    const gone = this.#bytes.subarray(0, offset - this.#start);
    if (gone.length === 0) return;
    this.#breaks += this.#countBreaks(gone);
    this.#bytes = this.#bytes.subarray(gone.length);
    this.#start = offset;
  }

  /** The physical line, from 1, that the byte at an offset belongs to. */
  lineAt(offset: number): number {
    const before = this.#bytes.subarray(0, Math.max(0, offset - this.#start));
    // A CR that the LF at the offset follows is one break with it, and has not ended.
    const split = before.at(-1) === CR && this.at(offset) === LF;
    return 1 + this.#breaks + this.#countBreaks(before) - (split ? 1 : 0);
  }

  /** The byte at an offset, `undefined` outside the window. */
  at(offset: number): number | undefined {
    return this.#bytes[offset - this.#start];
  }

  startsWith(mark: Uint8Array, offset: number): boolean {
    return mark.every((byte, i) => this.at(offset + i) === byte);
  }

  /** Offset of the first byte from here on that belongs neither to an empty line nor to a comment. */
  contentFrom(offset: number, comment: Uint8Array | undefined): number {
    let at = offset;
    for (;;) {
      if (isBreak(this.at(at))) at += 1;
      else if (comment && this.at(at) !== undefined && this.startsWith(comment, at)) {
        while (this.at(at) !== undefined && !isBreak(this.at(at))) at += 1;
      } else return at;
    }
  }

  /** CR, LF and CRLF each count once, where they begin. */
  #countBreaks(bytes: Uint8Array): number {
    let count = 0;
    for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) count += 1;
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at - 1] !== CR) count += 1;
    }
    return count;
  }
}

function isBreak(byte: number | undefined): boolean {
  return byte === CR || byte === LF;
}
