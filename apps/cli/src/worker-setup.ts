/** What a worker imports before it imports an experiment that `crystallize run` has started. */
export { setUpWorker, type WorkerSettings } from './config/set-up-worker.ts';
