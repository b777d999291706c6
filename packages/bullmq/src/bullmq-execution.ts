import { type Plugin, type RunHandle, stateKey } from '@crystallize/core';
import { type BullmqExecutionOptions, readExecutionOptions } from './coordinator/execution-options.ts';
import type { RunSession } from './coordinator/run-session.ts';

/** Makes the plugin, with or without `new`. */
export interface BullmqExecutionFactory {
  (options: BullmqExecutionOptions): Plugin;
  new (options: BullmqExecutionOptions): Plugin;
}

/** The run's place in Redis, once it was looked at. */
const session = stateKey<RunSession>('@crystallize/bullmq');

function makeBullmqExecution(options: BullmqExecutionOptions): Plugin {
  const settings = readExecutionOptions(options);
  const sessionOf = async (run: RunHandle): Promise<RunSession> => {
    // Loaded when it is needed: BullMQ takes its time.
    const { RunSession } = await import('./coordinator/run-session.ts');
    if (!run.has(session)) run.set(session, await RunSession.open(settings, run));
    return run.get(session);
  };
  return {
    name: '@crystallize/bullmq',
    async unreported(run) {
      return (await sessionOf(run)).left;
    },
    async execute(run, work) {
      const opened = await sessionOf(run);
      const { Coordinator } = await import('./coordinator/coordinator.ts');
      await new Coordinator(run, work, opened).execute();
    },
    async afterRun(run, { status }) {
      // Of a run that was stopped, what workers told may still be wanted: by its resume.
      if (run.has(session)) await run.get(session).close({ keepTold: status === 'aborted' });
    },
  };
}

/**
 * Runs cells on other machines: they are put on a BullMQ queue in Redis, and taken by whatever workers attend it,
 * as with `crystallize worker --queue NAME` or {@link runQueueWorker}. Seeds, results, files and errors are those
 * of a serial run. A cell whose worker is gone is run by another; of two that ran the same cell, one leaves its
 * result. What workers finish while the coordinator is gone is picked up by `run({ strategy: 'resume' })`.
 *
 * @example
 * new Experiment({ …, plugins: [new ArtifactPlugin({ rootDir: '/shared/runs' }), new BullmqExecution({ queue: 'training' })] })
 *
 * @throws QueueOptionsError for wrong options.
 */
export const BullmqExecution: BullmqExecutionFactory =
  makeBullmqExecution as unknown as BullmqExecutionFactory;
