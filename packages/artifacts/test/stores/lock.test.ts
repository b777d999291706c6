import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, RunLockedError, StorageError, temporaryPrefix } from '@crystallize/core/storage';
import { describe, expect, it } from 'vitest';
import { fsStore } from '../../src/fs-store/fs-store.ts';
import { outputOf, runChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const token = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** What a process left behind that was killed while it held a lock. */
async function deadOwner(root: string): Promise<Record<string, unknown>> {
  const child = runChild('locker-process.ts', 'hold', root);
  await once(child.stdout, 'data');
  const path = join(root, 'exp', 'lock');
  const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
  expect(owner).toMatchObject({ pid: child.pid });
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(existsSync(path)).toBe(true);
  return owner as Record<string, unknown>;
}

describe('the lock of another process', () => {
  it('is refused while that process lives, saying who it is and what to remove', async () => {
    using folder = temporaryFolder();
    const child = runChild('locker-process.ts', 'hold', folder.path);
    await once(child.stdout, 'data');
    const attempt = fsStore(folder.path).lock('exp/lock');
    await expect(attempt).rejects.toThrow(RunLockedError);
    await expect(attempt).rejects.toThrow(new RegExp(`process ${child.pid} on .* remove the file`));
    await expect(attempt).rejects.toThrow(join(folder.path, 'exp', 'lock'));
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  it('is taken over once that process was killed', async () => {
    using folder = temporaryFolder();
    await deadOwner(folder.path);
    const store = fsStore(folder.path);
    const lock = await store.lock('exp/lock');
    // Nobody is to remove the lock of a run that goes on in the same process.
    await expect(store.lock('exp/lock')).rejects.toThrow(
      /lock is held by this process since \S+\. Wait until that run has ended\.$/,
    );
    await lock.release();
    expect(await store.children('exp')).toEqual([]);
  });

  it('is taken over when its number belongs to another process by now, or the machine has started anew', async () => {
    using folder = temporaryFolder();
    const store = fsStore(folder.path);
    mkdirSync(join(folder.path, 'exp'));
    const alive = { ...identifyProcess(), takenAt: 'then' };
    for (const [number, change] of [{ start: '1' }, { boot: 'another' }, { pid: 2 ** 22 + 5 }].entries()) {
      const path = join(folder.path, 'exp', 'lock');
      writeFileSync(path, JSON.stringify({ ...alive, ...change, token: token(number) }));
      await (await store.lock('exp/lock')).release();
      expect(existsSync(path)).toBe(false);
    }
    writeFileSync(join(folder.path, 'exp', 'lock'), JSON.stringify({ ...alive, token: token(9) }));
    await expect(store.lock('exp/lock')).rejects.toThrow(RunLockedError);
  });

  it('is refused when nobody can know here whether that process lives, and its file promises no signs of life', async () => {
    using folder = temporaryFolder();
    const store = fsStore(folder.path);
    mkdirSync(join(folder.path, 'exp'));
    const gone = { ...identifyProcess(), pid: 2 ** 22 + 5, takenAt: 'then', token: token(1) };
    for (const change of [{ host: 'another' }, { machine: 'another' }, { namespace: 'pid:[1]' }]) {
      writeFileSync(join(folder.path, 'exp', 'lock'), JSON.stringify({ ...gone, ...change }));
      await expect(store.lock('exp/lock')).rejects.toThrow(/can't be seen from here.*remove the file/);
    }
  });

  it('is refused when the file does not say who holds it', async () => {
    using folder = temporaryFolder();
    const store = fsStore(folder.path);
    mkdirSync(join(folder.path, 'exp'));
    const alive = { ...identifyProcess(), takenAt: 'then' };
    for (const text of [
      '',
      '{',
      'null',
      '{}',
      JSON.stringify({ ...alive, token: '../../x' }),
      JSON.stringify({ ...alive, pid: -1, token: token(1) }),
    ]) {
      writeFileSync(join(folder.path, 'exp', 'lock'), text);
      await expect(store.lock('exp/lock')).rejects.toThrow(/does not say who holds it.*remove the file/);
      await expect(store.lock('exp/lock')).rejects.toThrow(RunLockedError);
    }
  });
});

describe('eight processes', () => {
  it('take over each lock of a dead process exactly once, also where another died at it', async () => {
    using folder = temporaryFolder();
    const dead = await deadOwner(folder.path);
    const count = 300;
    const locks = join(folder.path, 'exp', 'locks');
    mkdirSync(locks);
    for (let number = 0; number < count; number += 1) {
      writeFileSync(join(locks, String(number)), JSON.stringify({ ...dead, token: token(number) }));
      // Its right to take over is left behind, too.
      if (number % 3 === 0) {
        const right = join(locks, `${temporaryPrefix}takeover-${token(number)}`);
        writeFileSync(right, JSON.stringify({ ...dead, token: token(1000 + number) }));
      }
    }
    const children = Array.from({ length: 8 }, () =>
      runChild('locker-process.ts', 'take-each', folder.path, String(count)),
    );
    const outputs = children.map(outputOf);
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    for (const child of children) child.stdin.write('go\n');
    await Promise.all(children.map((child) => once(child.stdout, 'data')));
    for (const child of children) child.stdin.write('end\n');
    const taken = (await Promise.all(outputs)).flatMap(
      (output) => output.split('\n')[1]?.split(' ').filter(Boolean) ?? [],
    );
    expect(taken.map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
  }, 60_000);

  it('are never two at once inside a lock that they take and release', async () => {
    using folder = temporaryFolder();
    await deadOwner(folder.path);
    const children = Array.from({ length: 8 }, () =>
      runChild('locker-process.ts', 'enter', folder.path, '100'),
    );
    expect(await Promise.all(children.map(outputOf))).toEqual(Array.from({ length: 8 }, () => '100\n'));
  }, 60_000);
});

it('an owner learns when its lock was taken away', async () => {
  using folder = temporaryFolder();
  const lock = await fsStore(folder.path).lock('exp/lock');
  unlinkSync(join(folder.path, 'exp', 'lock'));
  await expect(lock.lost).rejects.toThrow(StorageError);
  await lock.release();
});
