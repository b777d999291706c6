import { defineConfig, type UserConfig } from 'tsdown';

/**
 * How every published package is built: its sources in few files, since each file that Node loads
 * costs a fraction of a millisecond at every start, and readable, since users step into them.
 */
export function library(entry: Readonly<Record<string, string>>): UserConfig {
  return defineConfig({
    entry: { ...entry },
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    fixedExtension: false,
    dts: { oxc: true },
    clean: true,
    minify: false,
    failOnWarn: true,
    logLevel: 'warn',
  }) as UserConfig;
}
