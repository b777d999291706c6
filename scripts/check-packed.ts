/**
 * Packs each published package as the registry would get it, and checks the tarballs: with publint and
 * Are the Types Wrong, for what must and must not be inside, that every export can be imported, and that
 * core brings neither native code nor install scripts. Needs a build.
 */
import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { Checklist } from './lib/checklist.ts';
import { runCommand, tryCommand, userEnvironment } from './lib/command.ts';
import { linkTools, npmInstall, type PackedPackage, packAll } from './lib/tarballs.ts';
import { tempFolder } from './lib/temp-folder.ts';
import {
  type ExportTarget,
  entryPoints,
  type Manifest,
  readManifest,
  root,
  specifierOf,
} from './lib/workspace.ts';

const check = new Checklist();
await using temp = await tempFolder('packed');
const packed = await packAll(temp.path);

for (const pkg of packed) {
  check.heading(pkg.manifest.name);
  const content = join(temp.path, 'content', pkg.manifest.name);
  await mkdir(content, { recursive: true });
  await runCommand('tar', ['-xzf', pkg.tarball, '--strip-components=1', '-C', content], { cwd: temp.path });
  checkContent(pkg, content);
  await checkWithPublint(content);
  if (entryPoints(pkg.manifest).length > 0) await checkTypes(pkg);
}

check.heading('All of them, installed by npm into an empty project');
const together = await emptyProject('together');
await npmInstall(
  together,
  packed.map(({ tarball }) => tarball),
);
// The conformance suite runs in vitest, which is the user's own.
await linkTools(together, ['vitest']);
for (const { manifest } of packed) {
  for (const subpath of entryPoints(manifest)) await checkImport(together, specifierOf(manifest, subpath));
  for (const name of Object.keys(manifest.bin ?? {})) {
    const { code, stdout, stderr } = await tryCommand('npx', ['--no', '--', name, '--version'], {
      cwd: together,
      env: userEnvironment(),
    });
    const installed = readManifest(join(together, 'node_modules', manifest.name, 'package.json'));
    check.claim(
      code === 0 && stdout.trim() === installed.version,
      `\`${name} --version\` says its version`,
      stdout + stderr,
    );
  }
}

check.heading('@crystallize/core alone');
const alone = await emptyProject('alone');
const core = packed.find(({ manifest }) => manifest.name === '@crystallize/core');
if (!core) throw new Error('There is no package @crystallize/core to check.');
await npmInstall(alone, [core.tarball]);
checkTree(alone);

check.end();

/** What lies in the tarball: all that a user needs and nothing of the workshop. */
function checkContent(pkg: PackedPackage, content: string): void {
  const files = globSync('**/*', { cwd: content, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(content.length + 1))
    .sort();
  const manifest = readManifest(join(content, 'package.json'));
  const text = readFileSync(join(content, 'package.json'), 'utf8');
  for (const name of ['README.md', 'LICENSE', 'package.json']) {
    check.claim(files.includes(name), `has ${name}`, `It holds ${files.join(', ')}`);
  }
  const stray = files.filter(
    (file) => !/^(README\.md|LICENSE|CHANGELOG\.md|package\.json|dist\/.+\.(js|d\.ts))$/.test(file),
  );
  check.claim(
    stray.length === 0,
    'holds only dist/**/*.js, dist/**/*.d.ts and what npm shows',
    stray.join('\n'),
  );
  const tests = files.filter((file) => /(^|\/)(test|fixtures)\/|\.(test|spec)\./.test(file));
  check.claim(tests.length === 0, 'holds no tests', tests.join('\n'));
  const loose = unreachable(content, files, manifest);
  check.claim(loose.length === 0, 'holds no module that no entry point leads to', loose.join('\n'));
  const source = /crystallize-source/.exec(text)?.[0];
  check.claim(source === undefined, 'exports no condition that leads to the sources', source);
  const protocol = /"(workspace|catalog|link|file):[^"]*"/.exec(text)?.[0];
  check.claim(protocol === undefined, 'depends only on what a registry can resolve', protocol);
  const targets = [
    ...Object.values(manifest.exports ?? {}).flatMap(pathsOf),
    ...Object.values(manifest.bin ?? {}),
  ];
  const missing = targets.filter((path) => !files.includes(path.replace(/^\.\//, '')));
  check.claim(
    targets.length > 0 && missing.length === 0,
    'holds every file that exports and bin name',
    missing.join('\n'),
  );
  const before = entryPoints(pkg.manifest).join(', ');
  const after = entryPoints(manifest).join(', ');
  check.claim(
    before === after,
    'exports the same subpaths as in the workspace',
    `Here ${before}; packed ${after}`,
  );
}

function pathsOf(target: ExportTarget): readonly string[] {
  return typeof target === 'string' ? [target] : Object.values(target);
}

/** The modules and declarations that nothing imports, as those of a deleted source file. */
function unreachable(content: string, files: readonly string[], manifest: Manifest): readonly string[] {
  const start = [
    ...Object.values(manifest.exports ?? {}).flatMap(pathsOf),
    ...Object.values(manifest.bin ?? {}),
  ];
  const reached = new Set<string>();
  const follow = (file: string): void => {
    if (reached.has(file) || !files.includes(file)) return;
    reached.add(file);
    const text = readFileSync(join(content, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import|import\()\s*['"](\.[^'"]+)['"]/g)) {
      const target = join(dirname(file), path);
      // A declaration may name its neighbour as `.ts` or `.js`, and means its `.d.ts`.
      follow(file.endsWith('.d.ts') ? target.replace(/(\.d)?\.[jt]s$/, '.d.ts') : target);
    }
  };
  for (const path of start) {
    follow(join(path));
    follow(join(path).replace(/\.js$/, '.d.ts'));
  }
  return files.filter((file) => file.startsWith('dist/') && !reached.has(file));
}

async function checkWithPublint(content: string): Promise<void> {
  // `pack: false`: what was unpacked is what is published, so there is nothing left to pack.
  const { messages, pkg: manifest } = await publint({ pkgDir: content, pack: false, strict: true });
  const found = messages.map(
    (message) => `${message.type}: ${formatMessage(message, manifest, { color: false })}`,
  );
  check.claim(found.length === 0, 'has nothing that publint --strict finds fault with', found.join('\n'));
}

async function checkTypes(pkg: PackedPackage): Promise<void> {
  const attw = join(root, 'node_modules/.bin/attw');
  const args = [pkg.tarball, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'];
  const { code, stdout, stderr } = await tryCommand(attw, args, { cwd: temp.path });
  check.claim(code === 0, 'has types that resolve as its code does (attw, esm-only)', stdout + stderr);
}

/** Imports an entry point with plain node, where nothing but the tarballs is installed. */
async function checkImport(project: string, specifier: string): Promise<void> {
  const program = `const names = Object.keys(await import('${specifier}')); if (names.length === 0) throw new Error('It exports nothing.');`;
  const { code, stderr } = await tryCommand('node', ['--input-type=module', '-e', program], {
    cwd: project,
    env: userEnvironment(),
  });
  check.claim(code === 0, `import('${specifier}') gives what it exports`, stderr);
}

/** No package in a tree is compiled at install, is compiled already, or runs a script at install. */
function checkTree(project: string): void {
  const modules = join(project, 'node_modules');
  const manifests = globSync(['**/node_modules/*/package.json', '**/node_modules/@*/*/package.json'], {
    cwd: project,
  });
  const names = manifests.map((path) => readManifest(join(project, path)).name);
  check.claim(
    names.includes('@crystallize/core') && names.length > 1,
    `brings ${names.length} packages: ${names.sort().join(', ')}`,
  );
  const native = globSync(['**/*.node', '**/binding.gyp'], { cwd: modules });
  check.claim(native.length === 0, 'brings no native module', native.join('\n'));
  const scripts = manifests.flatMap((path) => {
    const { name, scripts } = readManifest(join(project, path));
    return ['preinstall', 'install', 'postinstall']
      .filter((script) => scripts?.[script])
      .map((script) => `${name}: ${script}`);
  });
  check.claim(scripts.length === 0, 'brings no script that runs at install', scripts.join('\n'));
}

async function emptyProject(name: string): Promise<string> {
  const project = join(temp.path, name);
  await mkdir(project);
  await writeFile(join(project, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return project;
}
