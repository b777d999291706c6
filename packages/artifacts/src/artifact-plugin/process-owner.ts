import { hostname } from 'node:os';
import type { RunOwner } from '@crystallize/core/storage';

/** This process, as records name it. */
export function processOwner(): RunOwner {
  return { host: hostname(), pid: process.pid };
}
