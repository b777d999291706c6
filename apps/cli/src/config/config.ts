import type { Plugin } from '@crystallize/core';
import type { ArtifactStore } from '@crystallize/core/storage';

/**
 * Where runs are kept: a store, the URL of one (`s3://bucket/prefix`, `file:///data/runs`), or the path of a
 * folder, relative to the config file.
 */
export type StorePlace = ArtifactStore | string;

/** A {@link StorePlace}, or a function that gives one: it is called once in each process that needs it. */
export type StoreSetting = StorePlace | (() => StorePlace | Promise<StorePlace>);

/** What `crystallize.config.ts` exports as its default. */
export interface CrystallizeConfig {
  /**
   * Where all experiments keep their runs: it replaces the store or `rootDir` of their ArtifactPlugin, whose
   * other options stay. An experiment without an ArtifactPlugin stores nothing, unless `plugins` has one.
   * `crystallize verify` and `prune` look there. `--store` and `--root` win over it.
   */
  readonly store?: StoreSetting | undefined;
  /**
   * Plugins for every experiment that has none of the same name. They come before those of the
   * experiment, so that its own executor and its own storage win.
   */
  readonly plugins?: readonly Plugin[] | undefined;
  /**
   * Files of experiments, or globs, relative to the config file: `crystallize run NAME` finds an experiment or a
   * graph in them by its name.
   */
  readonly experiments?: readonly string[] | undefined;
}

/**
 * Gives the config as it is, with its types checked.
 *
 * @example
 * // crystallize.config.ts
 * export default defineConfig({ store: 's3://lab/penguins', experiments: ['experiments/*.ts'] });
 */
export function defineConfig(config: CrystallizeConfig): CrystallizeConfig {
  return config;
}
