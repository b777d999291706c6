import type { ReadableStore } from '@crystallize/core/storage';
import type { Fault, FaultKind } from './verification.ts';

/** What was found in one version, or beside all versions of an experiment. */
export class Findings {
  readonly faults: Fault[] = [];
  readonly notes: string[] = [];
  readonly #store: ReadableStore;
  readonly #directory: string;
  readonly #version: number | undefined;

  constructor(store: ReadableStore, directory: string, version?: number) {
    this.#store = store;
    this.#directory = directory;
    this.#version = version;
  }

  fault(kind: FaultKind, key: string, message: string): void {
    const version = this.#version === undefined ? {} : { version: this.#version };
    this.faults.push({ kind, experiment: this.#directory, ...version, path: this.pathOf(key), message });
  }

  note(message: string, key?: string): void {
    const version = this.#version === undefined ? '' : ` v${this.#version}`;
    const path = key === undefined ? '' : ` (${this.pathOf(key)})`;
    this.notes.push(`'${this.#directory}'${version}: ${message}${path}`);
  }

  /** A fault, or only a note where the state that it is in may come about without one. */
  report(isFault: boolean, kind: FaultKind, key: string, message: string): void {
    if (isFault) this.fault(kind, key, message);
    else this.note(message, key);
  }

  /** Makes notes of those faults that need not be any. */
  demote(isFault: (fault: Fault) => boolean, why: string): void {
    const kept = this.faults.filter(isFault);
    const others = this.faults.filter((fault) => !isFault(fault));
    this.faults.splice(0, Infinity, ...kept);
    for (const { message, path } of others) this.note(`${why} ${message} (${path})`);
  }

  pathOf(key: string): string {
    // Names that others have put there need not obey the rules for keys.
    const [root = '', ...rest] = key.split('/');
    const base = this.#store.localPath?.(root);
    return base === undefined ? key : [base, ...rest].join('/');
  }
}
