import { ArtifactPlugin } from '@crystallize/artifacts';
import { sized } from './sized-runs.ts';

/** Holds a version until it is killed; run by in-use.test.ts. */
const [rootDir = '', version = ''] = process.argv.slice(2);
const saved = new ArtifactPlugin({ rootDir }).saved(sized(new ArtifactPlugin({ rootDir })).info);
const versions = await saved.versions();
await versions.find((one) => one.version === Number(version))?.hold?.();
process.stdout.write('held\n');
process.stdin.resume();
