import { CliError } from '../../cli-error.ts';
import type { ConfigChoice } from '../../config/find-config.ts';
import { findAndLoadConfig } from '../../config/load-config.ts';
import { applySettings } from '../../config/run-settings.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { findTarget } from '../../loading/find-target.ts';
import { checkTreatments } from '../../loading/run-target.ts';
import { captureWrites } from '../../process/streams.ts';
import { debugAsked } from '../../process/terminal.ts';
import { listed } from '../../text/count.ts';
import { plainLine, plainText } from '../../text/plain-text.ts';
import { stoppedError } from '../run-failure.ts';
import { withUserCode } from '../user-code.ts';

/** What `crystallize debug` was told. */
export interface DebugCommandOptions {
  readonly config?: ConfigChoice;
  /** Where the runs are kept that it reads from. */
  readonly store?: string | undefined;
  readonly experiment?: string | undefined;
  readonly treatment?: string | undefined;
  readonly verbose?: boolean | undefined;
}

/**
 * Runs one replicate of an experiment under the baseline, and under a treatment where one is named.
 * @throws CliError for the first cell that fails, and for everything that keeps it from its end.
 */
export async function debugFile(given: string, options: DebugCommandOptions): Promise<ExitCode> {
  const verbose = options.verbose === true || debugAsked(process.env);
  return withUserCode(given, verbose, async () => {
    const config = await findAndLoadConfig(options.config);
    await applySettings({ config, store: options.store });
    const { target, path } = await findTarget({ given, experiment: options.experiment, config });
    const [experiment, ...others] = target.experiments;
    if (!experiment || others.length > 0) {
      const names = target.experiments.map(({ info }) => plainLine(info.directory));
      throw new CliError(
        `One experiment at a time can be debugged, and a graph has several. Choose one: --experiment NAME, of ${listed(names)}.`,
      );
    }
    const [treatment] = options.treatment === undefined ? [] : checkTreatments(target, [options.treatment]);
    const write = process.stderr.write.bind(process.stderr);
    const release = captureWrites(process.stderr, (text) => {
      write(plainText(text));
    });
    try {
      await experiment.debug(treatment === 'baseline' ? undefined : treatment);
      return EXIT.done;
    } catch (error) {
      throw stoppedError(error, { runs: [], path });
    } finally {
      release();
    }
  });
}
