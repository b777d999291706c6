import { hash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ArtifactSink, ArtifactTarget } from '../plugin/plugin.ts';
import type { ArtifactFile } from './artifact-file.ts';

/** @internal Keeps artifacts in the memory of this process, for experiments without an artifact plugin. */
export function memorySink(experiment: string): ArtifactSink {
  const kept = new Map<string, Uint8Array>();
  const keyOf = ({ replicate, condition, step, name }: ArtifactTarget) =>
    JSON.stringify([replicate, condition, step, name]);
  return {
    async write(target, body) {
      const bytes = body instanceof Uint8Array ? new Uint8Array(body) : await collect(body);
      kept.set(keyOf(target), bytes);
      return { step: target.step, name: target.name, size: bytes.byteLength, sha256: hash('sha256', bytes) };
    },
    open: (target, record) =>
      memoryFile(experiment, target, record, kept.get(keyOf(target)) ?? new Uint8Array()),
  };
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  for await (const piece of pieces) list.push(piece);
  // Not as a Buffer, whose slice() is no copy.
  return new Uint8Array(Buffer.concat(list));
}

function memoryFile(
  experiment: string,
  target: ArtifactTarget,
  record: { readonly size: number; readonly sha256: string },
  content: Uint8Array,
): ArtifactFile {
  let file: Promise<string> | undefined;
  const text = async () => new TextDecoder().decode(content);
  return {
    experiment,
    ...target,
    size: record.size,
    sha256: record.sha256,
    path: () => (file ??= toTempFile(target.name, content)),
    bytes: async () => content.slice(),
    text,
    json: async <T>() => JSON.parse(await text()) as T,
    async *stream() {
      yield content.slice();
    },
  };
}

async function toTempFile(name: string, content: Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'crystallize-')), basename(name));
  await writeFile(path, content);
  return path;
}
