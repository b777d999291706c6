// Runs a versioned experiment when told, and says which version it got.
import { ArtifactPlugin } from '@crystallize/artifacts';
import { scaling } from '../../plugin/scaling.ts';
import { say, told } from './told.ts';

const [, rootDir = ''] = process.argv.slice(2);
const experiment = scaling(new ArtifactPlugin({ rootDir, versioned: true }));
say('ready');
await told();
const { version, status } = await experiment.run();
say(`${version} ${status}`);
await told();
