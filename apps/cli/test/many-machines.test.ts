import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_REDIS, startRedis } from '../../../scripts/lib/redis-server.ts';
import { RESUMABLE } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

if (NO_REDIS) console.warn(`Skipped: ${NO_REDIS}.`);
test.skipIf(NO_REDIS)(
  'workers run the cells of --queue into the store of the run, each once, and one with other code refuses',
  async () => {
    await using redis = await startRedis();
    const files = { 'package.json': '{ "type": "module" }', 'a.ts': RESUMABLE };
    await using project = await Project.with(files);
    await using other = await Project.with({
      ...files,
      'a.ts': RESUMABLE.replace('x * factor);', 'x + factor);'),
    });
    for (const each of [project, other]) await each.install('bullmq');
    const env = { REDIS_URL: redis.url };
    const worker = (folder: Project) => folder.start(['worker', '--queue', 'q', '--concurrency', '1'], env);
    const refusing = worker(other);
    const running = project.start(['run', 'a.ts', '--queue', 'q', '--store', 'kept'], env);
    await refusing.said("crystallize: 'resumable' is refused: ");
    await refusing.said('The module a.ts has changed.');
    const workers = [worker(project), worker(project), refusing];
    const run = await running.ended;
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toContain('12 cells (2 conditions × 6 replicates)');
    const stored = await readFile(join(project.folder, 'kept/resumable/v0/doubled/results.json'), 'utf8');
    expect(JSON.parse(stored)).toEqual({ metrics: { x: [2, 4, 6, 8, 10, 12] } });
    for (const { process } of workers) process.kill('SIGTERM');
    const ended = await Promise.all(workers.map((each) => each.ended));
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const told = ended.flatMap(({ stderr }) => stderr.match(/^resumable \w+ #\d done in /gm) ?? []);
    expect([told.length, new Set(told).size]).toEqual([12, 12]);
  },
);
