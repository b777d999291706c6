import { CliError } from '../../cli-error.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { loadFile } from '../../loading/load-file.ts';
import { checkTreatments, chooseTarget } from '../../loading/run-target.ts';
import { captureWrites } from '../../process/streams.ts';
import { debugAsked } from '../../process/terminal.ts';
import { listed } from '../../text/count.ts';
import { plainLine, plainText } from '../../text/plain-text.ts';
import { stoppedError } from '../run-failure.ts';
import { withUserCode } from '../user-code.ts';

/** What `crystallize debug` was told. */
export interface DebugCommandOptions {
  readonly experiment?: string | undefined;
  readonly treatment?: string | undefined;
  readonly verbose?: boolean | undefined;
}

/**
 * Runs one replicate of an experiment under the baseline, and under a treatment where one is named.
 * @throws CliError for the first cell that fails, and for everything that keeps it from its end.
 */
export async function debugFile(file: string, options: DebugCommandOptions): Promise<ExitCode> {
  const verbose = options.verbose === true || debugAsked(process.env);
  return withUserCode(file, verbose, async () => {
    const loaded = await loadFile(file);
    const target = chooseTarget(loaded, options.experiment);
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
      throw stoppedError(error, { runs: [], path: loaded.path });
    } finally {
      release();
    }
  });
}
