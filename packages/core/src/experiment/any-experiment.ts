import type { AnyDatasource } from '../definition/experiment-types.ts';
import type { Treatment } from '../definition/treatment.ts';
import type { Plugin } from '../plugin/plugin.ts';
import type { ExperimentInfo } from '../plugin/records.ts';

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
