import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type ArtifactFile, CrystallizeError } from '@crystallize/core';
import { nearestNames } from '../nearest-name.ts';
import { CsvError, nameList, quoted } from './csv-error.ts';

/** A stream of bytes: a Node stream, a web stream, or any async iterable of bytes or text. */
export type CsvStream = AsyncIterable<Uint8Array | string>;

/** What can be read again and again: a path (relative to the current directory), a `file:` URL, an artifact. */
export type CsvFile = string | URL | ArtifactFile;

/** Where CSV can be read from. A stream can be read once. */
export type CsvSource = CsvFile | CsvStream;

/** A source that has been told apart. */
export interface OpenSource {
  /** For messages: an absolute path, or what else it is. */
  readonly label: string;
  /** @throws CsvError `CSV_UNREADABLE`, or the artifact's own error. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Of an artifact, where reading to the end tells whether the bytes are those that were written. */
  readonly checkedAtEnd: boolean;
}

/** Finds out what a source is; nothing is read yet. @throws CsvError `CSV_UNREADABLE` for what is none. */
export function openSource(source: CsvSource): OpenSource {
  if (typeof source === 'string' || source instanceof URL) {
    const path = pathOf(source);
    return {
      label: path,
      checkedAtEnd: false,
      chunks: () =>
        guarded(createReadStream(path, { highWaterMark: 64 * 1024 }), path, (e) => fileProblem(path, e)),
    };
  }
  if (isArtifactFile(source)) {
    const label = artifactLabel(source);
    return { label, checkedAtEnd: true, chunks: () => guarded(source.stream(), label) };
  }
  if (isStream(source)) {
    const label = 'CSV stream';
    if (source instanceof Readable && (source.destroyed || source.readableEnded)) {
      const problem =
        'the stream was read to its end or closed before. A stream can be read once: make a new one, or give a path.';
      throw new CsvError('CSV_UNREADABLE', { file: label }, problem);
    }
    return { label, checkedAtEnd: false, chunks: () => guarded(source, label) };
  }
  const found = source === null ? 'null' : typeof source;
  const problem = `expected a path, a file: URL, an artifact or a stream of bytes, and got ${found}.`;
  throw new CsvError('CSV_UNREADABLE', { file: 'CSV source' }, problem);
}

/** The absolute path of a path or `file:` URL. */
export function pathOf(file: string | URL): string {
  if (typeof file === 'string') {
    if (!/[\r\n]/.test(file)) return resolve(file);
    const problem = `the path ${quoted(file)} has line breaks in it. If it is the text itself, read Readable.from([text]).`;
    throw new CsvError('CSV_UNREADABLE', { file: 'CSV source' }, problem);
  }
  if (file.protocol === 'file:') return fileURLToPath(file);
  const problem = `only file: URLs can be read. For another, fetch it and give the body: (await fetch(url)).body.`;
  throw new CsvError('CSV_UNREADABLE', { file: file.href }, problem);
}

export function isArtifactFile(source: unknown): source is ArtifactFile {
  return typeof source === 'object' && source !== null && 'stream' in source && 'replicate' in source;
}

function isStream(source: unknown): source is CsvStream {
  return typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
}

function artifactLabel(file: ArtifactFile): string {
  const version = file.version === undefined ? '' : `/v${file.version}`;
  return `artifact ${file.experiment}${version}/replicate_${file.replicate}/${file.condition}/${file.step}/${file.name}`;
}

async function* guarded(
  chunks: CsvStream,
  file: string,
  explain: (cause: unknown) => Promise<string> | string = (cause) => `reading failed: ${reasonOf(cause)}.`,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of chunks) yield bytesOf(chunk, file);
  } catch (cause) {
    // An artifact that is corrupt says so itself, better than a CSV reader could.
    if (cause instanceof CrystallizeError) throw cause;
    throw new CsvError('CSV_UNREADABLE', { file }, await explain(cause), { cause });
  }
}

function bytesOf(chunk: unknown, file: string): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  const found = chunk === null ? 'null' : typeof chunk;
  throw new CsvError(
    'CSV_UNREADABLE',
    { file },
    `the stream yielded ${found} where bytes or text were expected.`,
  );
}

async function fileProblem(path: string, cause: unknown): Promise<string> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EISDIR') {
    const files = (await namesIn(path)).filter((name) => /\.(csv|tsv|txt)$/i.test(name));
    return `this is a directory, and a CSV file was expected.${files.length > 0 ? ` In it are ${nameList(files, 5)}.` : ''}`;
  }
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return `reading failed: ${reasonOf(cause)}.`;
  let folder = dirname(path);
  if (await exists(folder)) {
    const names = await namesIn(folder);
    const near = nearestNames(basename(path), names, 3);
    if (near.length > 0)
      return `there is no such file. Did you mean ${near.map((name) => `'${name}'`).join(' or ')}?`;
    return `there is no such file. The folder ${names.length > 0 ? `has ${nameList(names.toSorted(), 5)}` : 'is empty'}.`;
  }
  while (!(await exists(folder))) folder = dirname(folder);
  const names = await namesIn(folder);
  return `there is no such file, and no such folder. What exists is ${folder}${names.length > 0 ? ` with ${nameList(names.toSorted(), 5)}` : ''}.`;
}

async function exists(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() ?? dirname(folder) === folder;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
