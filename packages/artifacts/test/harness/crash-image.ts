import { readFileSync } from 'node:fs';
import type { DiskNode, FileNode } from './disk-node.ts';
import type { Journal, JournalEvent } from './journal.ts';
import { MemoryDisk, withBytesAt } from './memory-disk.ts';

/**
 * What becomes of an event that no fsync had made safe: nothing is left of it; all is; of bytes also the
 * length alone, or so many of them.
 */
export type Fate = 'lost' | 'kept' | 'zeros' | number;

/** The disk after a power cut. @param fateOf - Is asked of each names and data event, by its number. */
export function crashImage(journal: Journal, point: number, fateOf: (event: number) => Fate): MemoryDisk {
  const nodes = new Map<number, DiskNode>();
  for (const { id, kind, bytes } of journal.nodes) nodes.set(id, newNode(kind, bytes));
  for (const { id, children } of journal.nodes) {
    for (const [name, child] of children) childrenOf(nodes, id).set(name, nodes.get(child) as DiskNode);
  }
  // Whether kept or not, a name may be lost and what it stood for be kept under another.
  for (const event of journal.events) {
    if (event.type === 'names' && event.added && !nodes.has(event.added.node))
      nodes.set(event.added.node, newNode(event.added.kind, new Uint8Array()));
  }
  for (let at = 0; at < point; at += 1) {
    const event = journal.events[at];
    if (event?.type !== 'names' && event?.type !== 'data') continue;
    const fate = fateOf(at);
    if (fate === 'lost') continue;
    if (event.type === 'names') changeNames(nodes, event);
    else write(nodes.get(event.node) as FileNode, event, fate);
  }
  const root = nodes.get(journal.root) as DiskNode;
  if (root.kind === 'file') throw new Error('The root of a journal is a folder.');
  for (const node of nodes.values()) if (node.kind === 'file') node.bytes = asOfEarlierBoot(node.bytes);
  return new MemoryDisk(root);
}

function newNode(kind: DiskNode['kind'], bytes: Uint8Array): DiskNode {
  return kind === 'file' ? { kind, bytes, mtime: 0 } : { kind, children: new Map() };
}

function childrenOf(nodes: ReadonlyMap<number, DiskNode>, id: number): Map<string, DiskNode> {
  const node = nodes.get(id);
  if (node?.kind !== 'folder') throw new Error(`The node ${id} of the journal is no folder.`);
  return node.children;
}

function changeNames(nodes: ReadonlyMap<number, DiskNode>, event: JournalEvent & { type: 'names' }): void {
  const { added, removed } = event;
  if (removed) childrenOf(nodes, removed.folder).delete(removed.name);
  if (!added) return;
  const node = nodes.get(added.node) as DiskNode;
  // A folder is in one place, also when an earlier move of it was lost.
  if (event.operation === 'rename' && node.kind === 'folder') {
    for (const other of nodes.values()) {
      if (other.kind === 'file') continue;
      for (const [name, child] of other.children) if (child === node) other.children.delete(name);
    }
  }
  childrenOf(nodes, added.folder).set(added.name, node);
}

function write(file: FileNode, { at, bytes }: JournalEvent & { type: 'data' }, fate: Fate): void {
  if (fate === 'zeros') file.bytes = withBytesAt(file.bytes, at, new Uint8Array(bytes.length));
  else file.bytes = withBytesAt(file.bytes, at, typeof fate === 'number' ? bytes.subarray(0, fate) : bytes);
}

/**
 * Locks say when the machine was started, and this machine is not started anew: what they say is
 * changed instead, so that their owners count as dead.
 */
export function asOfEarlierBoot(bytes: Uint8Array): Uint8Array {
  if (boot === undefined || bytes.length > 4096 || bytes.length < boot.length || bytes[0] !== 123)
    return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.includes(boot) ? Buffer.from(text.replace(boot, earlierBoot), 'latin1') : bytes;
}

const earlierBoot = '00000000-0000-0000-0000-000000000000';
const boot = readBoot();

function readBoot(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
