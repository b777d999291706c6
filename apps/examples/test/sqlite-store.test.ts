import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memoryStore, openRuns } from '@crystallize/artifacts';
import { storeConformance, storeLaws } from '@crystallize/artifacts/conformance';
import { expect, it, test } from 'vitest';
import { SqliteStore } from '../sqlite-store/sqlite-store.ts';
import { walks } from '../sqlite-store/walks.experiment.ts';
import { exampleFolder, runNode } from './run-example.ts';

/** Milliseconds: short, since a test waits for it. */
const lease = 200;

storeConformance(
  'SqliteStore',
  async () => {
    const folder = await exampleFolder();
    const path = join(folder.path, 'runs.db');
    const opened: SqliteStore[] = [];
    const open = (): SqliteStore => {
      const store = new SqliteStore(path, { lease });
      opened.push(store);
      return store;
    };
    return {
      store: open(),
      reopen: async () => open(),
      async takeLockAway(key) {
        edit(path, `DELETE FROM locks WHERE key = '${key}'`);
        await open().lock(key);
      },
      async lockThenDie(key) {
        edit(path, `INSERT INTO locks VALUES ('${key}', 'of a dead process', 'a dead process', ${lease}, 0)`);
      },
      failNextAppend() {
        edit(
          path,
          "CREATE TRIGGER full BEFORE INSERT ON chunks BEGIN SELECT RAISE(ABORT, 'no space left'); END",
        );
      },
      async [Symbol.asyncDispose]() {
        for (const store of opened) store.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
  {
    extra(makeStore) {
      it('hands an object out whole, piece by piece, also when it is replaced and removed meanwhile', async () => {
        const { store, ...fixture } = await makeStore();
        const old = Buffer.alloc(5 * 1024 * 1024, 'old');
        await store.put('a/b', old);
        const pieces: Uint8Array[] = [];
        for await (const piece of store.stream('a/b')) {
          if (pieces.length === 0) await store.put('a/b', Buffer.from('new'));
          if (pieces.length === 1) await store.remove('a/b');
          pieces.push(piece);
        }
        expect(pieces.length).toBeGreaterThan(2);
        expect(Buffer.compare(Buffer.concat(pieces), old)).toBe(0);
        await fixture[Symbol.asyncDispose]?.();
      });
    },
  },
);

test('what a killed write has left goes when it is a week old, and what is published stays', async () => {
  await using folder = await exampleFolder();
  const path = join(folder.path, 'runs.db');
  const store = new SqliteStore(path);
  const body = Buffer.alloc(3 * 1024 * 1024, 'x');
  await store.put('a/b', body);
  const gate = Promise.withResolvers<void>();
  const write = store.put('a/c', halted(body, gate.promise));
  await expect.poll(() => rows(path, 'unfinished')).toBe(1);
  await expect.poll(() => rows(path, 'chunks')).toBe(5);
  new SqliteStore(path).close();
  expect(rows(path, 'chunks')).toBe(5);
  edit(path, 'UPDATE unfinished SET begun = begun - 8 * 24 * 60 * 60 * 1000');
  new SqliteStore(path).close();
  expect(rows(path, 'chunks')).toBe(3);
  expect(Buffer.compare((await store.get('a/b')) ?? Buffer.alloc(0), body)).toBe(0);
  gate.resolve();
  await expect(write).rejects.toThrow(/taken for abandoned/);
  expect(rows(path, 'chunks')).toBe(3);
  store.close();
});

test('a run that was killed goes on in the same database, with the same result', async () => {
  await using folder = await exampleFolder();
  const path = join(folder.path, 'runs.db');
  await expect(
    runNode(folder.path, 'test/walks-until-killed.ts', path, String(lease), '7'),
  ).rejects.toMatchObject({
    signal: 'SIGKILL',
  });
  const store = new SqliteStore(path, { lease });
  const result = await walks(store).run({ strategy: 'resume' });
  expect(result.status).toBe('done');
  expect(result.restored).toBeGreaterThanOrEqual(7);
  expect(result.restored + result.executed).toBe(20);
  const uninterrupted = await walks(memoryStore()).run();
  expect(result.treatments['longer']?.metrics).toEqual(uninterrupted.treatments['longer']?.metrics);
  const { artifacts, faults } = await openRuns({ store }).verify();
  expect([artifacts, faults]).toEqual([20, []]);
  store.close();
});

test('the example finds everything in its database when it is run again', async () => {
  await using folder = await exampleFolder();
  const outputs = [];
  for (let run = 0; run < 2; run++)
    outputs.push(await runNode(folder.path, 'sqlite-store/walks.experiment.ts'));
  expect(outputs).toEqual([
    '20 cells ran, 0 were in artifacts/walks.db already.\n',
    '0 cells ran, 20 were in artifacts/walks.db already.\n',
  ]);
});

test.each(['worker_threads', 'child_process'])(
  'workers in %s have a connection each to the same database, and leave what one process leaves',
  async (runtime) => {
    await using folder = await exampleFolder();
    expect(await runNode(folder.path, 'test/walks-in-workers.ts', runtime)).toBe('done: 20 cells ran.\n');
    const store = new SqliteStore(join(folder.path, 'artifacts/walks.db'));
    const [version] = await openRuns({ store }).experiment('walks').versions();
    const alone = await walks(memoryStore()).run();
    expect(await version?.metrics('longer')).toEqual({ ...alone.treatments['longer']?.metrics });
    const { artifacts, faults } = await openRuns({ store }).verify();
    expect([artifacts, faults]).toEqual([20, []]);
    store.close();
  },
);

test('the document on storage backends gives a reason for every law', async () => {
  const document = await readFile(new URL('../../../docs/storage-backends.md', import.meta.url), 'utf8');
  const explained = [...document.matchAll(/^\| (.+?) \| (?=\S)/gm)].map(([, law]) => law);
  expect(storeLaws.map(({ law }) => law).filter((law) => !explained.includes(law))).toEqual([]);
});

/** A body that waits at its end. */
async function* halted(body: Uint8Array, end: Promise<void>): AsyncGenerator<Uint8Array, void, undefined> {
  yield body;
  await end;
}

function edit(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function rows(path: string, table: string): number {
  const database = new DatabaseSync(path);
  const found = database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
  database.close();
  return Number(found?.['count']);
}
