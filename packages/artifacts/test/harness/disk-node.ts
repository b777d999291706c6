/** A file or folder of a {@link import('./memory-disk.ts').MemoryDisk}, whatever names it has. */
export type DiskNode = FileNode | FolderNode;

/** Bytes are replaced, never changed in place, so that disks may share them. */
export interface FileNode {
  readonly kind: 'file';
  bytes: Uint8Array;
  /** Milliseconds since 1970. */
  mtime: number;
}

/** The names in it. */
export interface FolderNode {
  readonly kind: 'folder';
  readonly children: Map<string, DiskNode>;
}

/** A copy of a tree. A file with two names in it has two names in the copy. */
export function copyTree(folder: FolderNode): FolderNode {
  const copies = new Map<DiskNode, DiskNode>();
  const copy = (node: DiskNode): DiskNode => {
    const known = copies.get(node);
    if (known) return known;
    if (node.kind === 'file') {
      const file: FileNode = { kind: 'file', bytes: node.bytes, mtime: node.mtime };
      copies.set(node, file);
      return file;
    }
    const made: FolderNode = { kind: 'folder', children: new Map() };
    copies.set(node, made);
    for (const [name, child] of node.children) made.children.set(name, copy(child));
    return made;
  };
  return copy(folder) as FolderNode;
}

/** Every file and folder under a folder with its path below it, in no certain order. */
export function* nodesOf(
  folder: FolderNode,
  prefix = '',
): Generator<readonly [path: string, node: DiskNode]> {
  for (const [name, child] of folder.children) {
    yield [`${prefix}${name}`, child];
    if (child.kind === 'folder') yield* nodesOf(child, `${prefix}${name}/`);
  }
}

/** Every file under a folder likewise. */
export function* filesOf(folder: FolderNode): Generator<readonly [path: string, file: FileNode]> {
  for (const [path, node] of nodesOf(folder)) if (node.kind === 'file') yield [path, node];
}
