import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { CodeDefinition } from '@crystallize/core';
import { expect, test } from 'vitest';
import { project } from './project.ts';

const FACTORY = `import { Experiment } from '@crystallize/core';
export const make = (pipeline: readonly never[]) => new Experiment({ name: 'e', datasource: { fetch: () => 1 }, pipeline });
`;
const STEPS = `import { pipelineStep, PipelineStep } from '@crystallize/core';
import { helper } from '../helper.ts';
export const fit = pipelineStep({ name: 'fit', run: (n: number) => helper(n) });
`;
const TELL = `
const result = await experiment.run();
console.log(JSON.stringify((await result.provenance.definition()).code));
`;

/** The code of the experiment of a script, in a process of its own. */
function codeIn(dir: string, script: string): CodeDefinition {
  const args = ['--conditions=crystallize-source', join(dir, script)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as CodeDefinition;
}

const files = {
  'lib/make.ts': FACTORY,
  'steps/fit.ts': STEPS,
  'helper.ts': 'export const helper = (n: number) => n + 1;\n',
  'one.ts': `import { make } from './lib/make.ts';\nimport { fit } from './steps/fit.ts';\nconst experiment = make([fit()] as never);${TELL}`,
  'scripts/other.ts': `import { fit } from '../steps/fit.ts';\nimport { make } from '../lib/make.ts';\n// Another script.\nfunction start() { return make([fit()] as never); }\nconst experiment = start();${TELL}`,
};

test('code is that of where the experiment and its steps are made, whatever script calls that', () => {
  const { dir } = project(files);
  const one = codeIn(dir, 'one.ts');
  expect(Object.keys(one.modules)).toEqual(['../helper.ts', '../steps/fit.ts', 'make.ts']);
  expect(codeIn(dir, 'scripts/other.ts')).toEqual(one);
});

test('what a step calls counts, though only its declaration leads there', () => {
  const { dir, write } = project(files);
  const before = codeIn(dir, 'one.ts');
  write({ 'helper.ts': 'export const helper = (n: number) => n + 2;\n' });
  const after = codeIn(dir, 'one.ts');
  expect(after.modules['../helper.ts']?.code).not.toBe(before.modules['../helper.ts']?.code);
  expect(after.modules['make.ts']).toEqual(before.modules['make.ts']);
});

test('a step of a class leads to the script that makes it', () => {
  const { dir } = project({
    ...files,
    'main.ts': `import { PipelineStep } from '@crystallize/core';\nimport { make } from './lib/make.ts';\nimport { helper } from './helper.ts';\nclass Fit extends PipelineStep<number, number> { run(n: number) { return helper(n); } }\nconst experiment = make([new Fit()] as never);${TELL}`,
  });
  expect(Object.keys(codeIn(dir, 'main.ts').modules)).toEqual(['../helper.ts', '../main.ts', 'make.ts']);
});
