import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const imports = 'lint/style/noRestrictedImports';

/** Each is planted alone in a file of its own; `rule` is what must be reported there, and only that file. */
const faults = [
  {
    law: 'core imports none of its siblings',
    file: 'packages/core/src/planted-sibling.ts',
    source: "export { fsStore } from '@crystallize/artifacts';\n",
    rule: imports,
  },
  {
    law: 'core imports no subpath of a sibling, not even its types',
    file: 'packages/core/src/planted-sibling-type.ts',
    source: "export type { MakeStore } from '@crystallize/artifacts/conformance';\n",
    rule: imports,
  },
  {
    law: 'core imports no sibling in a file that may touch the disk',
    file: 'packages/core/src/storage/node-file-system.ts',
    source: "export { fsStore } from '@crystallize/artifacts';\n",
    rule: imports,
  },
  {
    law: 'a package imports none of its siblings except core',
    file: 'packages/datasources/src/planted-sibling.ts',
    source: "export { fsStore } from '@crystallize/artifacts';\n",
    rule: imports,
  },
  {
    law: 'a package loads none of its siblings later on',
    file: 'packages/stats/src/planted-dynamic.ts',
    source: "export const later = (): Promise<unknown> => import('@crystallize/artifacts');\n",
    rule: imports,
  },
  {
    law: 'nothing imports the command line, apps included',
    file: 'apps/examples/src/planted-cli.ts',
    source: "export { main } from '@crystallize/cli';\n",
    rule: imports,
  },
  {
    law: 'a package reaches into no other by a path',
    file: 'packages/artifacts/src/planted-path.ts',
    source: "export { pipelineStep } from '../../core/src/index.ts';\n",
    rule: imports,
  },
  {
    law: 'nested files and tests reach into no other package by a path either',
    file: 'packages/artifacts/test/deep/planted-path.ts',
    source: "export { pipelineStep } from '../../../core/src/pipeline/step.ts';\n",
    rule: imports,
  },
  {
    law: 'and not from any depth',
    file: 'packages/artifacts/src/deep/deeper/deepest/planted-path.ts',
    source: "export { pipelineStep } from '../../../../../core/src/index.ts';\n",
    rule: imports,
  },
  {
    law: 'an app reaches into no package by a path',
    file: 'apps/cli/src/planted-path.ts',
    source: "export { pipelineStep } from '../../../packages/core/src/index.ts';\n",
    rule: imports,
  },
  {
    law: 'core touches the disk only in its storage',
    file: 'packages/core/src/planted-disk.ts',
    source: "export { readFile } from 'node:fs/promises';\n",
    rule: imports,
  },
  {
    law: 'artifacts touches the disk only through core',
    file: 'packages/artifacts/src/planted-disk.ts',
    source: "export { readFileSync } from 'node:fs';\n",
    rule: imports,
  },
  {
    law: 'a package imports only what it declares',
    file: 'packages/stats/src/planted-undeclared.ts',
    source: "export { default } from 'superjson';\n",
    rule: 'lint/correctness/noUndeclaredDependencies',
  },
  {
    law: 'modules import each other in no circle',
    file: 'packages/stats/src/planted-circle.ts',
    source:
      "import { other } from './planted-circle-other.ts';\n\nexport const one = (): number => other() + 1;\n",
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    law: 'and each module of a circle is named',
    file: 'packages/stats/src/planted-circle-other.ts',
    source: "import { one } from './planted-circle.ts';\n\nexport const other = (): number => one() - 1;\n",
    rule: 'lint/suspicious/noImportCycles',
  },
  {
    law: 'a package does not print',
    file: 'packages/stats/src/planted-print.ts',
    source: "export const greet = (): void => console.log('hello');\n",
    rule: 'lint/suspicious/noConsole',
  },
  {
    law: 'a package does not set the exit code',
    file: 'packages/stats/src/planted-exit-code.ts',
    source: 'export const fail = (): void => {\n  process.exitCode = 1;\n};\n',
    rule: 'plugin',
  },
  {
    law: 'a package does not end the process',
    file: 'packages/stats/src/planted-exit.ts',
    source: 'export const end = (): never => process.exit(1);\n',
    rule: 'plugin',
  },
  {
    law: 'a package installs no signal handler',
    file: 'packages/stats/src/planted-signal.ts',
    source: "export const listen = (stop: () => void): void => {\n  process.on('SIGINT', stop);\n};\n",
    rule: 'plugin',
  },
  {
    law: 'no promise is left alone',
    file: 'packages/stats/src/planted-promise.ts',
    source:
      'async function save(): Promise<void> {\n  await Promise.resolve();\n}\n\nexport function start(): void {\n  save();\n}\n',
    rule: 'lint/nursery/noFloatingPromises',
  },
  {
    law: 'any is not a type',
    file: 'packages/stats/src/planted-any.ts',
    source: 'export const same = (value: any): unknown => value;\n',
    rule: 'lint/suspicious/noExplicitAny',
  },
  {
    law: 'file names are kebab-case',
    file: 'packages/stats/src/PlantedName.ts',
    source: 'export const planted = 1;\n',
    rule: 'lint/style/useFilenamingConvention',
  },
  {
    law: 'imports are in order',
    file: 'packages/stats/src/planted-order.ts',
    source:
      "import { sep } from 'node:path';\nimport { tmpdir } from 'node:os';\n\nexport const place: string = tmpdir() + sep;\n",
    rule: 'assist/source/organizeImports',
  },
] as const;

/** What the laws allow: nothing may be reported in these. */
const allowed = [
  {
    file: 'packages/stats/src/planted-type-circle.ts',
    source: "export type { One } from './planted-type-circle-other.ts';\nexport type Other = number;\n",
  },
  {
    file: 'packages/stats/src/planted-type-circle-other.ts',
    source: "export type { Other } from './planted-type-circle.ts';\nexport type One = number;\n",
  },
  {
    file: 'packages/artifacts/src/allowed.ts',
    source:
      "export { constants } from 'node:fs';\nexport { Experiment } from '@crystallize/core';\nexport { nodeFileSystem } from '@crystallize/core/storage';\n",
  },
  {
    file: 'packages/artifacts/test/allowed.ts',
    source: "export { readFile } from 'node:fs/promises';\nexport { fsStore } from '../src/index.ts';\n",
  },
  {
    file: 'packages/artifacts/test/deep/allowed.ts',
    source: "export { fsStore } from '../../src/index.ts';\n",
  },
  {
    file: 'packages/artifacts/test/deep/deeper/deepest/allowed.ts',
    source: "export { fsStore } from '../../../../src/index.ts';\n",
  },
  {
    file: 'apps/cli/src/deep/allowed.ts',
    source:
      "export { readFile } from 'node:fs/promises';\nexport { openRuns } from '@crystallize/artifacts';\nexport const fail = (): void => {\n  process.exitCode = 1;\n};\n",
  },
  { file: 'packages/core/src/storage/deep/allowed.ts', source: "export { x } from '../../plugin/x.ts';\n" },
] as const;

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string | { readonly file: string } };
  }[];
}

let folder: string;
let reported: readonly { file: string; rule: string }[];

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'crystallize-boundaries-')));
  for (const name of ['biome.json', '.gitignore', 'package.json', 'scripts/lint']) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of [
    'packages/core',
    'packages/artifacts',
    'packages/datasources',
    'packages/stats',
    'apps/cli',
    'apps/examples',
  ]) {
    await cp(join(root, name, 'package.json'), join(folder, name, 'package.json'), { recursive: true });
  }
  for (const { file, source } of [...faults, ...allowed]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), source);
  }
  const biome = join(root, 'node_modules/.bin/biome');
  // It ends with 1 because there are faults; what it says is on stdout all the same.
  const { stdout } = await promisify(execFile)(
    biome,
    ['check', '--reporter=json', '--max-diagnostics=none', '.'],
    {
      cwd: folder,
      maxBuffer: 1 << 28,
    },
  ).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as Report;
  reported = diagnostics.map(({ category, location: { path } }) => ({
    file: typeof path === 'string' ? path : path.file,
    rule: category,
  }));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('The lint refuses what breaks a law of the project', () => {
  test.each(faults)('$law', ({ file, rule }) => {
    expect(reported.filter((each) => each.file === file).map((each) => each.rule)).toContain(rule);
  });

  test.each(allowed)('and says nothing against $file, which keeps them', ({ file }) => {
    expect(reported.filter((each) => each.file === file && each.rule !== 'format')).toEqual([]);
  });
});
