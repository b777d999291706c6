// Claims the keys for itself that it is told, a few at a time, and says which it got.
import { StorageError } from '@crystallize/core/storage';
import { fsStore } from '../../../src/fs-store/fs-store.ts';
import { say, told } from './told.ts';

const [number = '', root = '', how] = process.argv.slice(2);
const store = fsStore(root, { durability: 'process' });

async function claim(key: string): Promise<boolean> {
  const body = Buffer.from(number);
  if (how === 'naive') {
    if ((await store.size(key)) !== undefined) return false;
    await store.put(key, body);
    return true;
  }
  try {
    await store.put(key, body, { ifAbsent: true });
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.code === 'OBJECT_EXISTS') return false;
    throw error;
  }
}

say('ready');
for (;;) {
  const keys = (await told()).split(' ');
  const won: string[] = [];
  for (const key of keys) if (await claim(`claims/${key}`)) won.push(key);
  say(won.join(' '));
}
