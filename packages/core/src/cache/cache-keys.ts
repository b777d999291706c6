/** Where everything lies in a step cache. Folders are split by the first two digits: none gets too large. */

/** @internal The folder with the sets of reads that runs of a step had; see `context-reads.ts`. */
export function readsFolder(step: string): string {
  return `steps/${step.slice(0, 2)}/${step.slice(2)}`;
}

/** @internal One entry: what one run of a step did. */
export function entryObject(entry: string): string {
  return `entries/${entry.slice(0, 2)}/${entry.slice(2)}`;
}

/** @internal The bytes of an artifact, by their sha256. */
export function bytesObject(sha256: string): string {
  return `artifacts/${sha256.slice(0, 2)}/${sha256.slice(2)}`;
}
