/**
 * Compares the public API of every published entry point with its snapshot in `api/`, so that it can't
 * change unseen. `pnpm api` checks; `pnpm api --update` rewrites the snapshots. Needs a build.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { Checklist } from './lib/checklist.ts';
import { tempFolder } from './lib/temp-folder.ts';
import { entryPoints, publishedPackages, root, specifierOf, type WorkspacePackage } from './lib/workspace.ts';

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
const snapshots = join(root, 'api');

/** The file that keeps the snapshot of an entry point: `core.api.md`, `core.storage.api.md`. */
function snapshotName(specifier: string): string {
  return `${specifier.replace(/^@crystallize\//, '').replaceAll('/', '.')}.api.md`;
}

/** Writes the report of one entry point into a folder; gives what makes it impossible. */
function report(pkg: WorkspacePackage, subpath: string, folder: string): readonly string[] {
  const target = pkg.manifest.exports?.[subpath];
  const types = typeof target === 'object' ? target.types : undefined;
  if (!types) return [`exports['${subpath}'] names no types.`];
  const reportFileName = snapshotName(specifierOf(pkg.manifest, subpath));
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(pkg.dir, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: pkg.dir,
      mainEntryPointFilePath: join(pkg.dir, types),
      compiler: {
        overrideTsconfig: {
          // Its own compiler is older than the one that made the declarations.
          compilerOptions: {
            target: 'ES2022',
            lib: ['ESNext'],
            types: ['node'],
            module: 'NodeNext',
            moduleResolution: 'NodeNext',
            allowImportingTsExtensions: true,
            noEmit: true,
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
          },
          files: [join(pkg.dir, types)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: reportFileName.replace(/\.api\.md$/, ''),
        reportFolder: folder,
        reportTempFolder: join(folder, 'temp'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const problems: string[] = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
      message.handled = true;
    },
  });
  return problems;
}

const check = new Checklist();
await using temp = await tempFolder('api');
await mkdir(snapshots, { recursive: true });

const expected = new Set<string>();
for (const pkg of publishedPackages()) {
  for (const subpath of entryPoints(pkg.manifest)) {
    const specifier = specifierOf(pkg.manifest, subpath);
    const name = snapshotName(specifier);
    expected.add(name);
    await check.attempt(`${specifier} is what api/${name} says`, async () => {
      const problems = report(pkg, subpath, temp.path);
      if (problems.length > 0) throw new Error(problems.join('\n'));
      if (values.update) await copyFile(join(temp.path, name), join(snapshots, name));
      const kept = existsSync(join(snapshots, name)) ? await readFile(join(snapshots, name), 'utf8') : '';
      const now = await readFile(join(temp.path, name), 'utf8');
      if (kept !== now) throw new Error(difference(kept, now));
    });
  }
}
for (const name of await readdir(snapshots)) {
  if (expected.has(name)) continue;
  if (values.update) await rm(join(snapshots, name));
  else check.claim(false, `api/${name} belongs to an entry point`, 'There is none of that name.');
}
check.end();

/** The lines that only one of the two has, and what to do about them. */
function difference(before: string, now: string): string {
  const [old, fresh] = [before.split('\n'), now.split('\n')];
  const gone = old.filter((line) => !fresh.includes(line)).map((line) => `- ${line}`);
  const come = fresh.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  const advice =
    'If that is meant, run `pnpm api --update`, look at the diff and commit it with a changeset.';
  return [...gone, ...come, advice].join('\n');
}
