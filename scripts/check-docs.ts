/**
 * Checks what the Markdown files say: each path and each pnpm script that they name exists, and the
 * code in fences marked `ts` type-checks against the sources. A fence is a module of its own, unless its
 * first line says otherwise:
 *
 *     ```ts continued               goes on with the module of the fence before
 *     ```ts title="split.ts"        has a name under which the file's other fences can import it
 *     ```ts from="apps/a/b.ts"      is a part of that file, whose lines it repeats word for word
 *     ```ts unchecked               is not checked
 */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Checklist } from './lib/checklist.ts';
import { runCommand, tryCommand } from './lib/command.ts';
import { type Fence, readMarkdown } from './lib/markdown.ts';
import { tempFolder } from './lib/temp-folder.ts';
import { type Manifest, readManifest, root, workspacePackages } from './lib/workspace.ts';

const shells = ['sh', 'bash', 'shell', 'console'];
/** What pnpm does itself; any other first word is a script. */
const pnpmCommands = ['install', 'add', 'exec', 'pack', 'publish', 'dlx', 'run', 'why', 'outdated', 'update'];

/** From where a path may be given, beside the folder of its file. */
const bases = [root, join(root, 'packages'), join(root, 'apps')];

const check = new Checklist();
const rootManifest = readManifest(join(root, 'package.json'));
const packages = workspacePackages();
const listed = await runCommand('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
});
const files = listed
  .split('\n')
  .filter((path) => path.endsWith('.md') && existsSync(join(root, path)))
  .filter((path) => !/(^|\/)(api|fixtures)\/|CHANGELOG\.md$/.test(path))
  .sort();
await using temp = await tempFolder('docs');
await prepareProject();

let modules = 0;
for (const file of files) {
  const { fences, spans, links } = readMarkdown(readFileSync(join(root, file), 'utf8'));
  const faults: string[] = [];
  for (const { target, line } of links) {
    if (!existsSync(join(root, dirname(file), target)))
      faults.push(`${file}:${line}: the link leads to ${target}, which does not exist`);
  }
  for (const { text, line } of spans) {
    if (looksLikePath(text) && !pathExists(text, file))
      faults.push(`${file}:${line}: ${text} does not exist`);
    faults.push(...unknownScripts(text).map((fault) => `${file}:${line}: ${fault}`));
  }
  for (const { language, code, line } of fences) {
    if (!shells.includes(language)) continue;
    faults.push(...unknownScripts(code).map((fault) => `${file}:${line}: ${fault}`));
  }
  for (const fence of fences) {
    const source = sourceOf(fence);
    if (source !== undefined && !repeats(source, fence.code))
      faults.push(`${file}:${fence.line}: ${source} has no such lines`);
  }
  check.claim(faults.length === 0, `${file} names only paths and scripts that exist`, faults.join('\n'));
  modules += await extractModules(file, fences);
}

if (modules > 0) {
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { code, stdout, stderr } = await tryCommand(tsc, ['-p', '.', '--pretty', 'false'], {
    cwd: temp.path,
  });
  const found = stdout.replace(
    /^docs\/(.+?)@[^(]*\((\d+),\d+\)/gm,
    (_, file: string, line: string) => `${file}:${line}`,
  );
  check.claim(code === 0, `the code of ${modules} examples type-checks`, found + stderr);
}
check.end();

/** Whether a code span is meant as a path in this repository: it begins with a name that is at one of the bases. */
function looksLikePath(text: string): boolean {
  if (!/^[\w.@*-]+(\/[\w.@*-]+)+\/?$/.test(text)) return false;
  const [first = ''] = text.split('/');
  return !/^\.+$/.test(first) && bases.some((base) => readdirSync(base).includes(first));
}

function pathExists(text: string, file: string): boolean {
  const pattern = text.replace(/\/$/, '');
  return [...bases, join(root, dirname(file))].some((base) => globSync(pattern, { cwd: base }).length > 0);
}

/** The file that a fence is a part of. */
function sourceOf({ marks }: Fence): string | undefined {
  return /^from="(.+)"$/.exec(marks.join(' '))?.[1];
}

/** Whether a file has these lines, whole and in a row. */
function repeats(source: string, code: string): boolean {
  const path = join(root, source);
  return existsSync(path) && `\n${readFileSync(path, 'utf8')}\n`.includes(`\n${code}\n`);
}

/** The scripts that a text starts with pnpm and that no package.json has. */
function unknownScripts(text: string): readonly string[] {
  const faults: string[] = [];
  for (const [command, filter, script = ''] of text.matchAll(
    /\bpnpm(?:@\d+)? (?:run )?(?:--filter (\S+) )?(?:run )?([a-z][\w:-]*)/g,
  )) {
    if (pnpmCommands.includes(script)) continue;
    const manifest: Manifest | undefined = filter
      ? packages.find((each) => each.manifest.name === filter)?.manifest
      : rootManifest;
    if (!manifest?.scripts?.[script]) faults.push(`\`${command}\`: there is no such script`);
  }
  return faults;
}

/** A project that gets the packages' sources by their public names, and what they are developed with. */
async function prepareProject(): Promise<void> {
  const project = join(temp.path, 'node_modules');
  for (const { dir, manifest } of packages) await link(dir, join(project, manifest.name));
  for (const dir of [root, ...packages.map((each) => each.dir)]) {
    for (const name of globSync(['node_modules/*', 'node_modules/@*/*'], { cwd: dir })) {
      if (!/node_modules\/@[^/]+$/.test(name)) await link(join(dir, name), join(temp.path, name));
    }
  }
  await writeFile(join(temp.path, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const compilerOptions = {
    noEmit: true,
    customConditions: ['crystallize-source'],
    typeRoots: [join(root, 'node_modules/@types')],
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['docs'] };
  await writeFile(join(temp.path, 'tsconfig.json'), JSON.stringify(config));
}

async function link(target: string, path: string): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}

/** Writes the checked fences of a file as modules whose line numbers are those of the file. */
async function extractModules(file: string, fences: readonly Fence[]): Promise<number> {
  const sources = new Map<string, string>();
  let latest = '';
  for (const fence of fences) {
    const { language, marks, line, code } = fence;
    // What is part of a file is checked there.
    if (language !== 'ts' || marks.includes('unchecked') || sourceOf(fence) !== undefined) continue;
    const title = /^title="?([\w.-]+)"?$/.exec(marks.join(' '))?.[1];
    if (!marks.includes('continued')) latest = title ?? `line-${line}.ts`;
    const before = sources.get(latest) ?? '';
    sources.set(
      latest,
      before.padEnd(before.length + Math.max(0, line - 1 - before.split('\n').length + 1), '\n') + code,
    );
  }
  const folder = join(temp.path, 'docs', `${relative(root, join(root, file)).split(sep).join('/')}@`);
  for (const [name, source] of sources) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), source);
  }
  return sources.size;
}
