import { fileURLToPath } from 'node:url';
import { hideNeedlessWarnings } from '../process/node-warnings.ts';

/** What a worker is told of how its main process was set up: plain data, with paths as `file:` URLs. */
export interface WorkerSettings {
  /** The config file. */
  readonly config?: string;
  /** What `--store` named. */
  readonly store?: string;
}

/**
 * Does in a worker what the command did in the main process before it loaded the experiment: the experiment
 * gets the same store and the same plugins, and Node is as quiet.
 *
 * @throws CliError when the config or the store can't be read here.
 */
export async function setUpWorker({ config, store }: WorkerSettings): Promise<void> {
  hideNeedlessWarnings();
  if (config === undefined && store === undefined) return;
  // Loaded when they are needed, since each worker waits for it.
  const [{ loadConfig }, { applySettings }] = await Promise.all([
    import('./load-config.ts'),
    import('./run-settings.ts'),
  ]);
  const loaded = config === undefined ? undefined : await loadConfig(fileURLToPath(config));
  await applySettings({ config: loaded, store });
}
