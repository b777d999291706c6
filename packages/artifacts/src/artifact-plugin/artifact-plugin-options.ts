import type { ArtifactStore } from '@crystallize/core/storage';

/** What an ArtifactPlugin may be given. */
export interface ArtifactPluginOptions {
  /**
   * The folder under which every experiment gets a folder of its own. Made absolute when the plugin is
   * constructed. Default `data`.
   */
  readonly rootDir?: string;
  /**
   * Whether each run is kept as a version of its own, `v0`, `v1`, …. Default false: there is only
   * `v0`, which each run replaces.
   */
  readonly versioned?: boolean;
  /**
   * Versioned only: how many of the newest finished versions stay whole. Older ones keep results,
   * metadata, manifest, markers and records, and lose their artifacts, whose size and sha256 stay
   * recorded. 0 or less: nothing is ever removed, big files neither. A version that a run writes,
   * resumes or reads is left alone, and so is one that has not finished, which does not count.
   * Default 3, or what the environment variable `CRYSTALLIZE_ARTIFACT_RETENTION` says.
   */
  readonly artifactRetention?: number;
  /**
   * Versioned only: artifacts larger than this, in MiB, stay only in the newest finished version, unless
   * `artifactRetention` is 0 or less. Default 10, or what the environment variable
   * `CRYSTALLIZE_BIG_FILE_THRESHOLD_MB` says.
   */
  readonly bigFileThresholdMb?: number;
  /**
   * `full`: what was reported as done survives a power cut; `process`: it survives the end of the
   * process, however it comes. Default `full`. A `store` that is given has a durability of its own.
   */
  readonly durability?: 'full' | 'process';
  /** Where everything is kept, instead of in `rootDir`. */
  readonly store?: ArtifactStore;
}

/** @internal The options as the plugin uses them: nothing is left out, nothing is wrong. */
export type ArtifactPluginSettings = Required<Omit<ArtifactPluginOptions, 'store'>> & {
  readonly store: ArtifactStore | undefined;
};

/** @internal Where a default may come from. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @internal Reads options and environment. Never throws: what is wrong is replaced by its default
 * and told, so that a module with a faulty plugin can still be imported.
 */
export function readArtifactPluginOptions(
  given: unknown,
  environment: Environment,
): { readonly settings: ArtifactPluginSettings; readonly problems: readonly string[] } {
  const problems: string[] = [];
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    problems.push(`The options of an ArtifactPlugin are an object, and this is ${describe(given)}.`);
  }
  const options = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    problems.push(`ArtifactPlugin has no option '${name}'. Its options are: ${optionNames.join(', ')}.`);
  }
  const read = <T>(
    option: string,
    fallback: T,
    expected: string,
    fits: (value: unknown) => value is T,
  ): T => {
    const value = options[option];
    if (value === undefined || fits(value)) return value ?? fallback;
    problems.push(`The option ${option} of ArtifactPlugin is ${expected}, and this is ${describe(value)}.`);
    return fallback;
  };
  const readNumber = (
    option: string,
    variable: string,
    fallback: number,
    expected: string,
    fits: (value: unknown) => value is number,
  ) => {
    if (options[option] !== undefined) return read(option, fallback, expected, fits);
    const text = environment[variable]?.trim();
    if (text === undefined || text === '') return fallback;
    if (fits(Number(text))) return Number(text);
    problems.push(
      `The environment variable ${variable} is ${expected}, and this is '${text}'. Change it or unset it.`,
    );
    return fallback;
  };
  const settings: ArtifactPluginSettings = {
    rootDir: read('rootDir', 'data', 'the path of a folder', isPath),
    versioned: read('versioned', false, 'true or false', isBoolean),
    artifactRetention: readNumber(
      'artifactRetention',
      'CRYSTALLIZE_ARTIFACT_RETENTION',
      3,
      'a whole number of versions',
      isInteger,
    ),
    bigFileThresholdMb: readNumber(
      'bigFileThresholdMb',
      'CRYSTALLIZE_BIG_FILE_THRESHOLD_MB',
      10,
      'a size in MiB, 0 or more',
      isSize,
    ),
    durability: read('durability', 'full', `'full' or 'process'`, isDurability),
    store: read<ArtifactStore | undefined>(
      'store',
      undefined,
      'an ArtifactStore, such as fsStore(folder)',
      isStore,
    ),
  };
  return { settings, problems };
}

const optionNames = [
  'rootDir',
  'versioned',
  'artifactRetention',
  'bigFileThresholdMb',
  'durability',
  'store',
];

const storeMethods: readonly (keyof ArtifactStore)[] = [
  'put',
  'remove',
  'removeAll',
  'moveAll',
  'createLog',
  'lock',
  'holds',
  'size',
  'get',
  'stream',
  'children',
  'list',
  'readLog',
];

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isDurability(value: unknown): value is 'full' | 'process' {
  return value === 'full' || value === 'process';
}

function isStore(value: unknown): value is ArtifactStore {
  if (typeof value !== 'object' || value === null) return false;
  const store = value as Partial<ArtifactStore>;
  return (
    typeof store.location === 'string' && storeMethods.every((method) => typeof store[method] === 'function')
  );
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object without its methods' : String(value);
}
