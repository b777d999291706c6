import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.ts';

/** @internal A worker's end of the link to its pool. */
export interface WorkerLink {
  post(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
  /** No more messages are awaited. Resolves when all that were posted are on their way. */
  close(): Promise<void>;
}

/** @internal @param port - Of a thread; a process uses its own channel. */
export function workerLink(port: MessagePort | undefined): WorkerLink {
  return port ? threadLink(port) : processLink();
}

function threadLink(port: MessagePort): WorkerLink {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', listener),
    async close() {
      // Between its tasks tinypool has a thread sleep, with what it has not sent until then.
      const closed = once(port, 'close');
      port.close();
      await closed;
    },
  };
}

function processLink(): WorkerLink {
  let listening: ((message: unknown) => void) | undefined;
  return {
    post(message) {
      // Once the main process is gone there is nobody to tell, and this one ends as well.
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    onMessage(listener) {
      listening = (message) => {
        // The pool's own messages come by the same way.
        const isOurs =
          typeof message === 'object' && message !== null && !('__tinypool_worker_message__' in message);
        if (isOurs) listener(message as ToWorker);
      };
      process.on('message', listening);
    },
    async close() {
      if (listening) process.off('message', listening);
    },
  };
}
