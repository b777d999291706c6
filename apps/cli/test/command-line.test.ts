import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resumeCommand } from '../src/commands/run/resume-command.ts';
import { commandLine } from '../src/text/command-line.ts';

describe('a command that is told', () => {
  test('reads in a shell as the words that it was made of, whatever they are', () => {
    const hostile = [
      '',
      ' ',
      '~',
      '#',
      '=x',
      '*',
      "it's",
      '$(id)',
      '`id`',
      'a\\b',
      '!1',
      'k=1',
      '{a,b}',
      '-',
      '日本',
    ];
    const visible = fc.string({ unit: fc.constantFrom(...' !"#$%&\'()*;<=>?[\\]^`{|}~abZ09-./') });
    const word = fc.oneof(fc.constantFrom(...hostile), visible);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const script = `printf '%s\\n' ${commandLine(words, 'linux')}`;
        expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${words.join('\n')}\n`);
      }),
      { numRuns: 40 },
    );
  });

  test('is left out where a word can not be shown as it is', () => {
    expect(commandLine(['run', 'a\x1b[2J.ts'])).toBeUndefined();
    expect(commandLine(['run', 'a\nb.ts'])).toBeUndefined();
  });

  test('has double quotes for Windows', () => {
    expect(commandLine(['run', 'my file.ts'], 'win32')).toBe('run "my file.ts"');
  });
});

describe('the command that resumes', () => {
  test.each<[given: readonly string[], told: string]>([
    [['run', 'a.ts'], 'crystallize run a.ts --resume'],
    [['run', 'a.ts', '--resume', '-r', '3'], 'crystallize run a.ts --resume -r 3'],
    [['run', 'a.ts', '--explain', '-t', 'k=1'], 'crystallize run a.ts -t k=1 --resume'],
    [['run', '--seed', '7', '--', '-a.ts'], 'crystallize run --seed 7 --resume -- -a.ts'],
  ])('of %j keeps its options, and resumes once', (given, told) => {
    expect(resumeCommand(given, {})).toBe(told);
  });

  test('accepts what it is to accept, and goes through npx where npm has started the program', () => {
    expect(resumeCommand(['run', 'a.ts'], { npm_command: 'exec' }, ['code', 'params'])).toBe(
      'npx crystallize run a.ts --resume --accept code,params',
    );
  });
});
