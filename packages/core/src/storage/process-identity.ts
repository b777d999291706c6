import { constants } from 'node:fs';
import { hostname } from 'node:os';
import { nodeFileSystem } from './node-file-system.ts';

/** What tells a process from every other, also after a restart of the machine. */
export interface ProcessIdentity {
  readonly host: string;
  /** Tells machines of the same name apart, where the system has one. */
  readonly machine?: string;
  /** Changes whenever the machine starts, where the system has one. */
  readonly boot?: string;
  /** Numbers of processes mean something only within this, where the system has it (containers). */
  readonly namespace?: string;
  readonly pid: number;
  /** When the process started, in the system's own unit: numbers of processes are used again. */
  readonly start?: string;
}

/** Whether a process lives, as far as can be told from here. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** The identity of this process. */
export function identifyProcess(): ProcessIdentity {
  identity ??= {
    host: hostname(),
    ...optional('machine', readText('/etc/machine-id')),
    ...optional('boot', readText('/proc/sys/kernel/random/boot_id')),
    ...optional('namespace', readNamespace()),
    pid: process.pid,
    ...optional('start', startOf(process.pid)),
  };
  return identity;
}

/**
 * Whether the process of an identity lives. Processes of other machines and containers are unknown.
 *
 * @param here - The process that asks.
 */
export function livenessOf(other: ProcessIdentity, here: ProcessIdentity): Liveness {
  if (other.host !== here.host || other.machine !== here.machine) return 'unknown';
  if (other.boot !== here.boot) {
    // By their host's name alone two containers on two machines may look like one that has started anew.
    return other.boot && here.boot && here.machine ? 'dead' : 'unknown';
  }
  if (other.namespace !== here.namespace) return 'unknown';
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // Any other error means that it is there, and someone else's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  if (other.start === undefined) return 'alive';
  const start = startOf(other.pid);
  return start === other.start ? 'alive' : 'dead';
}

let identity: ProcessIdentity | undefined;

/** Field 22 of `/proc/<pid>/stat`; `undefined` for a process that is not there, or only waits to be reaped. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field is the program's name, which may hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && !['Z', 'X', 'x'].includes(fields[0] ?? '') ? fields[19] : undefined;
}

/** What the link says that stands for it. */
function readNamespace(): string | undefined {
  return withFile('/proc/self/ns/pid', (fd) => nodeFileSystem.pathOf(fd));
}

function readText(path: string): string | undefined {
  return withFile(path, (fd) => {
    const bytes = Buffer.alloc(4096);
    return bytes.toString('utf8', 0, nodeFileSystem.read(fd, bytes)).trim() || undefined;
  });
}

function withFile(path: string, read: (fd: number) => string | undefined): string | undefined {
  try {
    const fd = nodeFileSystem.open(path, constants.O_RDONLY);
    try {
      return read(fd);
    } finally {
      nodeFileSystem.close(fd);
    }
  } catch {
    // Other systems have no such files.
    return undefined;
  }
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, string>>;
}
