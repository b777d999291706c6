import { hash } from 'node:crypto';
import { ArtifactNotFoundError } from '../errors/storage-errors.ts';
import type { ArtifactSink, ArtifactTarget } from '../plugin/plugin.ts';
import { storedArtifact } from '../storage/stored-artifact.ts';

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
    open(target, { size, sha256 }) {
      const { replicate, condition, step, name } = target;
      const content = kept.get(keyOf(target));
      const held = () => {
        if (content) return content;
        throw neverHeld(experiment, target);
      };
      const source = {
        location: 'the memory of this process',
        get: async () => held().slice(),
        size: async () => held().byteLength,
        async *stream() {
          yield held().slice();
        },
      };
      const identity = { experiment, replicate, condition, step, name, size, sha256 };
      return storedArtifact(source, `${step}/${name}`, identity);
    },
  };
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  for await (const piece of pieces) list.push(piece);
  // Not as a Buffer, whose slice() is no copy.
  return new Uint8Array(Buffer.concat(list));
}

/** The record of a cell that was restored, or that ran elsewhere, tells of bytes that came by no way here. */
function neverHeld(experiment: string, target: ArtifactTarget): ArtifactNotFoundError {
  const { replicate, condition, step, name } = target;
  return new ArtifactNotFoundError(
    `The artifact '${name}' of the step '${step}' (${experiment}, replicate ${replicate} of '${condition}') is not in the memory of this process: its cell was restored or ran elsewhere. Add a plugin that keeps artifacts, such as an ArtifactPlugin, or run the cell here.`,
  );
}
