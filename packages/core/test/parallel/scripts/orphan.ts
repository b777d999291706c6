import { spawn } from 'node:child_process';
import { guardProcess } from '../../../src/worker/guard-process.ts';
import { tell } from './support.ts';

// A worker whose main process is gone before the watch for that has begun, and that never waits.

if (process.argv[3] === 'worker') {
  guardProcess(() => {});
  process.kill(process.ppid, 'SIGKILL');
  tell('worker', process.pid);
  for (;;);
}
spawn(process.execPath, [...process.execArgv, import.meta.filename, 'child_process', 'worker'], {
  stdio: 'inherit',
});
