import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { TinypoolChannel } from 'tinypool';
import type { FromWorker, ToWorker } from './messages.ts';
import type { WorkerRuntime } from './worker-runtime.ts';

/** @internal A pool's end of the link to one of its workers, and what the worker's task needs for its own. */
export interface LaneLink {
  post(message: ToWorker): void;
  close(): void;
  /** Once the worker has closed its end, and everything has come that it had sent before. */
  readonly drained: Promise<void>;
  /** For `Tinypool.run`. */
  readonly options: { readonly transferList?: MessagePort[]; readonly channel?: TinypoolChannel };
  /** For the task of a thread. */
  readonly port?: MessagePort;
}

/** @internal What comes from the worker. */
export interface LaneListener {
  message(message: FromWorker): void;
  /** The thread is gone; a process's end is told by the pool. */
  gone(): void;
}

/** @internal */
export function laneLink(runtime: WorkerRuntime, listener: LaneListener): LaneLink {
  return runtime === 'child_process' ? processLink(listener) : threadLink(listener);
}

function threadLink(listener: LaneListener): LaneLink {
  const { port1, port2 } = new MessageChannel();
  port1.on('message', (message: FromWorker) => listener.message(message));
  const drained = Promise.withResolvers<void>();
  // A thread that calls process.exit never ends its task: that its port closes is the only sign.
  port1.on('close', () => {
    drained.resolve();
    listener.gone();
  });
  return {
    // The end of the task comes by another port, and may be here sooner.
    drained: drained.promise,
    post: (message) => port1.postMessage(message),
    close: () => port1.close(),
    options: { transferList: [port2] },
    port: port2,
  };
}

function processLink(listener: LaneListener): LaneLink {
  let send: ((message: ToWorker) => void) | undefined;
  const waiting: ToWorker[] = [];
  const channel: TinypoolChannel = {
    onMessage(sender) {
      send = sender;
      for (const message of waiting.splice(0)) sender(message);
    },
    postMessage: (message: FromWorker) => listener.message(message),
  };
  return {
    post(message) {
      if (send) send(message);
      else waiting.push(message);
    },
    close() {
      send = () => {};
    },
    // The end of the task comes by the same channel, after all else.
    drained: Promise.resolve(),
    options: { channel },
  };
}
