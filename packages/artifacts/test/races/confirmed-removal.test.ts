import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '@crystallize/core/storage';
import { expect, it } from 'vitest';
import { bytesOf, rejectionOf, textOf } from '../../src/conformance/law.ts';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { temporaryFolder } from '../stores/temporary-folder.ts';
import { faultyFs } from '../stores/test-file-systems.ts';

const key = 'exp/v0/a';

it.each(['EIO', 'EACCES', 'EPERM'])(
  'an object whose removal is not confirmed is kept whichever call fails with %s, or the error says where it is',
  async (code) => {
    const refusal = new Error('not ours');
    const outcomes = new Set<string>();
    for (let n = 1; ; n += 1) {
      using folder = temporaryFolder();
      const root = join(folder.path, 'store');
      await fsStore(root).put(key, bytesOf('theirs'));
      const fs = faultyFs(n, code, false);
      const error = await rejectionOf(
        fsStore(root, { fs }).remove(key, { confirm: () => Promise.reject(refusal) }),
      );
      const text = textOf(await fsStore(root).get(key));
      if (error !== refusal) expect(error).toBeInstanceOf(StorageError);
      if (text === undefined) {
        const path = /it is in (.*) now/.exec((error as Error).message)?.[1] ?? '';
        expect(readFileSync(path, 'utf8')).toBe('theirs');
        outcomes.add('aside');
      } else {
        expect(text).toBe('theirs');
        outcomes.add('in place');
      }
      if (!fs.failed) {
        expect(error).toBe(refusal);
        break;
      }
    }
    // Without links there is another way back.
    expect([...outcomes].sort()).toEqual(code === 'EPERM' ? ['in place'] : ['aside', 'in place']);
  },
);
