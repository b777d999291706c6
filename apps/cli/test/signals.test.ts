import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WAITING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';

describe('a run that is stopped', () => {
  test.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
  ] as const)(
    'by %s ends with %d, once what was under way has ended, and says what is stored and where',
    async (signal, code, word) => {
      await using project = await Project.with({ 'waiting.ts': WAITING });
      const running = project.start(['run', 'waiting.ts']);
      await running.said('now it waits');
      running.process.kill(signal);
      const ended = await running.ended;
      expect(ended.code).toBe(code);
      expect(ended.stderr).toMatch(
        /stopping, waiting for what is under way \(\d cells?\); once more ends it at once\./,
      );
      expect(ended.stderr).toContain(`crystallize: ${word}.`);
      const dir = join(project.folder, 'runs/waiting/v0');
      expect(ended.stderr).toContain(`waiting: 2 of 9 cells ended, in`);
      expect(ended.stderr).toContain(`stored in ${dir}`);
      expect(await readFile(join(dir, 'baseline/results.json'), 'utf8').catch(() => 'not yet')).toBe(
        'not yet',
      );
    },
  );

  test('by a second signal ends at once', async () => {
    await using project = await Project.with({ 'waiting.ts': WAITING });
    const running = project.start(['run', 'waiting.ts'], { STUBBORN: '1' });
    await running.said('now it waits');
    running.process.kill('SIGINT');
    await running.said('stopping');
    running.process.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).not.toContain('cells ended');
  });

  test('while its file is loaded ends at once', async () => {
    await using project = await Project.with({
      'slow.ts':
        "setInterval(() => {}, 1000); console.error('loading'); await new Promise(() => {});\nexport {};",
    });
    const running = project.start(['run', 'slow.ts']);
    await running.said('loading');
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });
});
