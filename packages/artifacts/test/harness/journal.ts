/** What a disk held when a recording began; all of it is safe. */
export interface JournalNode {
  readonly id: number;
  readonly kind: 'file' | 'folder';
  readonly bytes: Uint8Array;
  /** Names in a folder, with the numbers of what they stand for. */
  readonly children: ReadonlyMap<string, number>;
}

/** Something that happened to a disk, or that was promised because of it. */
export type JournalEvent =
  /** Names were changed, all of them or none. It is safe once each of `folders` was synced. */
  | {
      readonly type: 'names';
      readonly operation: 'create' | 'mkdir' | 'link' | 'unlink' | 'rmdir' | 'rename';
      /** For people. */
      readonly path: string;
      readonly folders: readonly number[];
      readonly removed?: Name;
      readonly added?: Name & { readonly node: number; readonly kind: 'file' | 'folder' };
    }
  /** Bytes were written. They are safe once the file was synced. */
  | {
      readonly type: 'data';
      readonly path: string;
      readonly node: number;
      readonly at: number;
      readonly bytes: Uint8Array;
    }
  /**
   * An fsync has ended: what had happened to the node before the event `begun` is safe, unless the call
   * did nothing.
   */
  | {
      readonly type: 'synced';
      readonly path: string;
      readonly node: number;
      readonly begun: number;
      readonly didNothing: boolean;
    }
  /** The program has told someone that something is done. */
  | { readonly type: 'promise'; readonly promised: string };

/** A name in a folder. */
export interface Name {
  readonly folder: number;
  readonly name: string;
}

/** All that happened to a disk. */
export interface Journal {
  readonly nodes: readonly JournalNode[];
  /** The number of the folder that {@link import('./memory-disk.ts').diskRoot} stands for. */
  readonly root: number;
  readonly events: readonly JournalEvent[];
}

/** An event for people. */
export function describeEvent(event: JournalEvent | undefined): string {
  if (!event) return 'the end';
  if (event.type === 'names') return `${event.operation} ${event.path}`;
  if (event.type === 'data') return `write ${event.bytes.length} bytes to ${event.path}`;
  return event.type === 'synced' ? `fsync ${event.path}` : `promise ${event.promised}`;
}
