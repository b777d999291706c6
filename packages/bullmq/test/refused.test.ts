import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Child, isEvent, startWorker } from './support/child.ts';
import { NO_REDIS, RedisServer } from './support/redis-server.ts';
import { WorkFolder } from './support/work-folder.ts';

const PACKAGE = fileURLToPath(new URL('../', import.meta.url));
const CHILDREN = fileURLToPath(new URL('./children/', import.meta.url));

/** A project of its own in the folder, with the tests' experiment in it. */
async function projectIn(
  folder: WorkFolder,
  name: string,
  change: (code: string) => string = (code) => code,
) {
  const root = join(folder.path, name);
  await mkdir(root);
  await writeFile(join(root, 'package.json'), JSON.stringify({ name: 'project', type: 'module' }));
  await symlink(join(PACKAGE, 'node_modules'), join(root, 'node_modules'));
  await cp(join(CHILDREN, 'cells.ts'), join(root, 'cells.ts'));
  await writeFile(join(root, 'cells.ts'), change(await readFile(join(root, 'cells.ts'), 'utf8')));
  return root;
}

describe.skipIf(NO_REDIS)(`a worker with other code${NO_REDIS ? ` (${NO_REDIS})` : ''}`, () => {
  test('refuses with the difference, while one with the same code elsewhere on the disk runs the cells', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    const ours = await projectIn(folder, 'ours');
    const same = await projectIn(folder, 'same');
    const other = await projectIn(folder, 'other', (code) =>
      code.replace('rng.normal() + plus', 'rng.normal() - plus'),
    );
    await using refusing = startWorker({ ...queue, concurrency: 1, root: other });
    await refusing.until(isEvent('ready'));
    const cells = { folder: folder.path, replicates: 3 };
    await using coordinator = new Child('coordinator.ts', cells, queue, 'rerun', join(ours, 'cells.ts'));
    await refusing.until(isEvent('refused'));
    const refused = refusing.said.find(isEvent('refused')) as { readonly reason: string };
    expect(refused.reason).toMatch(/makes another experiment 'cells'[\s\S]*\n {2}- [\s\S]*value/);
    await using running = startWorker({ ...queue, concurrency: 1, root: same });
    const result = (await coordinator.result()) as { readonly warnings: readonly string[] };
    expect(result).toMatchObject({ status: 'done', executed: 6 });
    expect(result.warnings.join('\n')).toContain(refused.reason);
    expect(refusing.said.some(isEvent('cell:start'))).toBe(false);
    expect(running.said.filter(isEvent('cell:end'))).toHaveLength(6);
  });

  test('ends the run with every reason when no other worker comes', async () => {
    await using redis = await RedisServer.start();
    await using folder = await WorkFolder.make();
    const queue = { queue: 'cells', connection: redis.url };
    const ours = await projectIn(folder, 'ours');
    const empty = join(folder.path, 'empty');
    await mkdir(empty);
    await using refusing = startWorker({ ...queue, concurrency: 1, root: empty });
    await refusing.until(isEvent('ready'));
    const cells = { folder: folder.path, replicates: 3 };
    const impatient = { ...queue, awaitWorkers: 2500 };
    await using coordinator = new Child('coordinator.ts', cells, impatient, 'rerun', join(ours, 'cells.ts'));
    const failure = await coordinator.failure();
    expect(failure).toContain('QUEUE_UNATTENDED');
    expect(failure).toContain('no worker has taken a cell for 2.5 s. One worker attends');
    expect(failure).toContain(`there is no such file in ${empty}`);
    // The worker goes on, for other runs.
    expect(refusing.process.exitCode).toBeNull();
    const keys = await redis.ask((client) => client.keys('*'));
    expect(keys.filter((key) => !/:(bell|workers|owner|definition|inbox)$/.test(key))).toEqual([]);
  });
});
