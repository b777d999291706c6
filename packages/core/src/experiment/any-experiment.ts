import type { Plugin } from '../plugin/plugin.ts';
import type { ExperimentInfo } from '../plugin/records.ts';
import type { AnyDatasource } from './experiment-types.ts';
import type { Treatment } from './treatment.ts';

/** Any experiment, whatever its steps, data, outputs and treatments. */
export interface AnyExperiment {
  readonly id: string;
  readonly name: string | undefined;
  readonly info: ExperimentInfo;
  readonly datasource: AnyDatasource;
  readonly plugins: readonly Plugin[];
  readonly treatments: readonly Treatment[];
  validate(): Promise<void>;
}
