// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control sequences are what it is about
import { describe, expect, test } from 'vitest';
import { FAILING, RESUMABLE, SCALING, WAITING } from './helpers/experiments.ts';
import { Project } from './helpers/project.ts';
import { Screen } from './helpers/screen.ts';
import { hasTerminal, onTerminal } from './helpers/terminal.ts';

const SHOW = '\x1b[?25h';
const HIDE = '\x1b[?25l';

describe.skipIf(!hasTerminal)('on a terminal', () => {
  test('bars are drawn in place, with log lines above, and the cursor comes back', async () => {
    await using project = await Project.with({ 'failing.ts': FAILING });
    const { stdout, code } = await onTerminal(project, ['run', 'failing.ts']).ended;
    expect(code).toBe(1);
    expect(stdout).toContain('━');
    expect(stdout).toContain('8/8');
    expect(stdout.lastIndexOf(SHOW)).toBeGreaterThan(stdout.lastIndexOf(HIDE));
    expect(stdout).toContain('\x1b[31mfailed:');
    expect(stdout).not.toContain('owned');
  });

  test('what a step prints passes above the bars, and is all there', async () => {
    const printing = SCALING.replace(
      "ctx.record('label'",
      "console.log('line ' + ctx.condition + ' ' + ctx.replicate); process.stdout.write('half '); ctx.record('label'",
    );
    await using project = await Project.with({ 'printing.ts': printing });
    const { stdout } = await onTerminal(project, ['run', 'printing.ts']).ended;
    expect(stdout.match(/line (?:baseline|doubled|tripled) \d/g)).toHaveLength(12);
    expect(stdout.match(/half /g)).toHaveLength(12);
  });

  test('Ctrl-C gives the cursor back, and ends with 130', async () => {
    await using project = await Project.with({
      'waiting.ts': WAITING.replace("ctx.log('now it waits')", "process.kill(process.pid, 'SIGINT')"),
    });
    const { code, stdout } = await onTerminal(project, ['run', 'waiting.ts']).ended;
    expect(code).toBe(130);
    expect(stdout).toContain('2 of 9 cells ended');
    expect(stdout.lastIndexOf(SHOW)).toBeGreaterThan(stdout.lastIndexOf(HIDE));
  });

  test('a second signal leaves the command that resumes below the bars', async () => {
    const impatient = RESUMABLE.replace(
      "ctx.log('now it waits');",
      "while (!existsSync('acked.log')) await new Promise((r) => setTimeout(r, 5)); process.kill(process.pid, 'SIGINT'); process.kill(process.pid, 'SIGTERM');",
    ).replace('import { appendFileSync }', 'import { appendFileSync, existsSync }');
    await using project = await Project.with({ 'a.ts': impatient });
    const { code, stdout } = await onTerminal(project, ['run', 'a.ts'], { env: { WAIT_AT: '3' } }).ended;
    expect(code).toBe(143);
    expect(stdout).toContain('Resume it with: crystallize run a.ts --resume');
    expect(stdout.lastIndexOf(SHOW)).toBeGreaterThan(stdout.lastIndexOf(HIDE));
  });

  test('verify counts in a line that is gone at its end, and gives the cursor back', async () => {
    await using project = await Project.with({ 'a.ts': RESUMABLE });
    await project.crystallize(['run', 'a.ts']);
    const { code, stdout } = await onTerminal(project, ['verify', '--root', 'runs']).ended;
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/verifying: \d+ artifacts?, \d+ bytes?/);
    const screen = new Screen(80);
    screen.write(stdout.replaceAll('\r\n', '\n').replace(/\x1b\[\d+m/g, ''));
    expect(screen.lines).toHaveLength(1);
    expect(screen.lines[0]).toMatch(/^1 run of 1 experiment: .* no fault$/);
    expect(screen.cursorHidden).toBe(false);
  });

  test('a process that a step ends gives the cursor back, too', async () => {
    await using project = await Project.with({
      'failing.ts': FAILING.replace('throw new', 'process.exit(3); throw new'),
    });
    const { code, stdout } = await onTerminal(project, ['run', 'failing.ts']).ended;
    expect(code).toBe(1);
    expect(stdout).toContain('ended the process');
    expect(stdout.lastIndexOf(SHOW)).toBeGreaterThan(stdout.lastIndexOf(HIDE));
  });

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }, { CI: 'true' }] as Record<string, string>[])(
    '%j asks for plain lines',
    async (env) => {
      await using project = await Project.with({ 'scaling.ts': SCALING });
      const { stdout } = await onTerminal(project, ['run', 'scaling.ts'], { env }).ended;
      expect(stdout).toContain('scaling: 12 cells');
      expect(stdout).not.toMatch(/\x1b\[\??\d*[A-HJKl]/);
      if (!('CI' in env)) expect(stdout).not.toContain('\x1b');
    },
  );

  test('no line of a narrow terminal is too wide', async () => {
    await using project = await Project.with({ 'scaling.ts': SCALING });
    const { stdout } = await onTerminal(project, ['run', 'scaling.ts'], {
      columns: 40,
      env: { TERM: 'xterm-256color' },
    }).ended;
    const plain = stdout.replace(/\x1b\[\??\d*[A-Za-z]/g, '').split(/\r?\n|\r/);
    for (const line of plain) expect(line.length, line).toBeLessThanOrEqual(40);
    expect(stdout).toContain('12/12');
  });
});
