import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CodeDefinition } from '@crystallize/core';
import { onTestFinished } from 'vitest';
import { type CodeQuery, describeCode } from '../../src/code/describe-code.ts';

/** A folder with an experiment in it. */
export interface Project {
  readonly dir: string;
  /** Writes files, by path in the folder. */
  write(files: Readonly<Record<string, string | Uint8Array>>): void;
  /** The code of an experiment that a module of it constructs. */
  code(module?: string, query?: Partial<CodeQuery>): Promise<CodeDefinition>;
}

/** A folder with these files, where `@crystallize/core` can be imported, until the test ends. */
export function project(files: Readonly<Record<string, string | Uint8Array>>): Project {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'code-')));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const write: Project['write'] = (written) => {
    for (const [name, text] of Object.entries(written)) {
      const path = join(dir, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  write({ 'package.json': '{ "type": "module" }' });
  write(files);
  mkdirSync(join(dir, 'node_modules/@crystallize'), { recursive: true });
  symlinkSync(
    fileURLToPath(new URL('../..', import.meta.url)),
    join(dir, 'node_modules/@crystallize/core'),
    'dir',
  );
  return {
    dir,
    write,
    code: (module = 'main.ts', query = {}) =>
      describeCode({ scripts: [pathToFileURL(join(dir, module)).href], versioned: [], ...query }),
  };
}

/** What is hashed of one module that imports nothing. */
export async function codeOf(text: string | Uint8Array, name = 'main.ts'): Promise<string | undefined> {
  return (await project({ [name]: text }).code(name)).modules[name]?.code;
}
