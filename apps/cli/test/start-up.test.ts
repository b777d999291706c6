import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND } from './helpers/project.ts';

/** The files that a command loads, by what V8 says it has compiled. */
function filesLoadedBy(args: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'crystallize-loaded-'));
  try {
    execFileSync(process.execPath, [...COMMAND, ...args], {
      env: { ...process.env, NODE_V8_COVERAGE: folder },
    });
    const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    return reports.flatMap(({ result }) => (result as { readonly url: string }[]).map(({ url }) => url));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('--version prints the version of the package, and --help shows examples', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const say = (...args: readonly string[]) =>
    execFileSync(process.execPath, [...COMMAND, ...args], { encoding: 'utf8' });
  expect(say('--version')).toBe(`${manifest.version}\n`);
  expect(say('--help')).toMatch(
    /run .*\n[\s\S]*verify [\s\S]*prune [\s\S]*crystallize run penguins\.experiment\.ts/,
  );
  expect(say('verify', '--help')).toContain('--root <dir>');
  expect(say('prune', '--help')).toContain('--dry-run');
  expect(say('run', '--help')).toMatch(
    /--fail-fast[\s\S]*crystallize run penguins\.experiment\.ts --replicates 3[\s\S]*Exit codes/,
  );
});

test('an older Node is told that it is too old, and what to do', () => {
  const pretend =
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.17.1' } })";
  const args = ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, ...COMMAND, '--version'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^crystallize: this is Node 22\.17\.1, and Crystallize needs Node 22\.18 or newer.*\n$/,
  );
});

test('neither core nor what runs experiments is loaded before it is needed', () => {
  const files = filesLoadedBy(['--version']);
  expect(files.some((url) => url.endsWith('/commands/run/run-command.ts'))).toBe(true);
  expect(
    files.filter((url) =>
      /packages\/|run-file|verify-runs|prune-stored|stored-runs|summary|progress/.test(url),
    ),
  ).toEqual([]);
});
