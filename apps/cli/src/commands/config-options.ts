import { Option } from '@commander-js/extra-typings';

/** `--config FILE`: see also {@link noConfigOption}, which has to be added after it. */
export const configOption = (): Option<'--config <file>'> =>
  new Option(
    '--config <file>',
    'the config file (default: the nearest crystallize.config.ts, .mts, .js or .mjs from here upwards)',
  );

/** `--no-config`. */
export const noConfigOption = (): Option<'--no-config'> => new Option('--no-config', 'use no config file');

/** `--root DIR`, of commands on what is stored. */
export const rootOption = (): Option<'--root <dir>'> =>
  new Option(
    '--root <dir>',
    'the folder in which runs are kept (default: what the config file says, else data)',
  );

/** `--store PLACE`. */
export const storeOption = (what = 'where runs are kept'): Option<'--store <place>'> =>
  new Option(
    '--store <place>',
    `${what}: a folder, or a URL such as s3://bucket/prefix; wins over the config file`,
  );
