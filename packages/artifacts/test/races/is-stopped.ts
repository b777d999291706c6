import { readFileSync } from 'node:fs';

/** Whether a process is stopped, where the system tells; elsewhere the signal has to do. */
export function isStopped(pid: number | undefined): boolean {
  if (process.platform !== 'linux') return true;
  return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1) ?? '');
}
