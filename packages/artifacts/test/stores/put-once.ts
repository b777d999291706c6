import { fsStore } from '../../src/fs-store/fs-store.ts';

// Puts one object into the folder that it is given, and says how that ended.
const [folder = ''] = process.argv.slice(2);
try {
  await fsStore(folder).put('exp/a', Buffer.from('x'));
  console.log('written');
} catch (error) {
  console.log((error as Error).message);
}
