import { expect, test } from 'vitest';
import { codeOf, project } from './project.ts';

const helpers = `import { Experiment, pipelineStep, treatment } from '@crystallize/core';
const fit = pipelineStep({ name: 'fit', params: { k: 5 }, run: (n, ctx, { k }) => n * k });
`;

function definition(options: string, around = ''): string {
  return `${helpers}${around}
export const experiment = new Experiment({
  datasource: { fetch: (ctx) => ctx.replicate },
  ${options}
});
`;
}

const plain = definition('pipeline: [fit()],');

test.each([
  ['a name', definition("name: 'n', pipeline: [fit()],")],
  ['treatments', definition("pipeline: [fit()], treatments: [treatment('t', { k: 1 })]")],
  [
    'treatments of another name',
    definition('pipeline: [fit()], treatments: { a: { k: 1 }, b: (ctx) => {} }'),
  ],
  ['treatments under a quoted key', definition("'treatments': { a: { k: 1 } }, pipeline: [fit()]")],
  [
    'values of the initial context',
    definition('pipeline: [fit()], initialContext: { k: -2, list: [1, null] }'),
  ],
  ['values of params', definition("pipeline: [fit({ k: 3, 'j': 'x' })],")],
  ['values of the defaults of params', plain.replace('{ k: 5 }', '{ k: 6 }')],
  ['the version of a step', plain.replace("name: 'fit',", "name: 'fit', version: '2', cacheable: true,")],
  ['replicates and a seed', definition('replicates: 20, pipeline: [fit()], seed: 42')],
  [
    'a description, outputs and plugins',
    definition("description: 'd', pipeline: [fit()], outputs: [a], plugins: [{ name: 'p', init() {} }],"),
  ],
])('%s make no difference', async (_what, changed) => {
  expect(await codeOf(changed)).toBe(await codeOf(plain));
});

test.each([
  ['an initial context that names something', definition('pipeline: [fit()], initialContext: { k: half }')],
  ['a param that names something', definition('pipeline: [fit({ k: half })],')],
  ['a method where an option is expected', definition('get treatments() { return [] }, pipeline: [fit()]')],
  ['an instance in a treatment', definition('pipeline: [fit()], treatments: { a: { k: new K(5) } }')],
  ['treatments that something makes', definition('pipeline: [fit()], treatments: [5].map(make)')],
  ['the pipeline', definition('pipeline: [fit(), fit()],')],
  ['a step', plain.replace('n * k', 'n + k')],
  ['the datasource', plain.replace('ctx.replicate', 'ctx.seed')],
])('%s makes a difference', async (_what, changed) => {
  expect(await codeOf(changed)).not.toBe(await codeOf(plain));
});

test('a treatment, a graph or a hypothesis that is made outside of the definition makes no difference', async () => {
  const made = (
    text: string,
    names = 'Experiment, pipelineStep, treatment, grid, hypothesis, ExperimentGraph',
  ) => codeOf(plain.replace('Experiment, pipelineStep, treatment', names) + text);
  const none = await made('');
  expect(await made("const big = treatment('big', { k: 100 });")).toBe(none);
  expect(
    await made("export const big = treatment('big', { k: 100 })\nexport const all = grid({ k: [1] })"),
  ).toBe(none);
  expect(await made('export const graph = new ExperimentGraph([experiment]);')).toBe(none);
  expect(await made('', 'Experiment, pipelineStep, treatment')).toBe(none);
  const listed = (list: string) => made(`const list = [${list}];\nuse(list);`);
  const empty = await listed('');
  expect(await listed("treatment('a', {})")).toBe(empty);
  expect(await listed("treatment('a', {}), treatment('b', { k: 1 }),")).toBe(empty);
  expect(await listed('...grid({ k: [1, 2] }), hypothesis({ metrics: "m" })')).toBe(empty);
  expect(await listed("x, treatment('a', {})")).toBe(await listed('x'));
  expect(await listed("x, treatment('a', {}), y")).toBe(await listed('x, y'));
  expect(await listed('x')).not.toBe(empty);
});

test('a plugin that is made outside of the definition makes no difference', async () => {
  const from = (name: string) => `import { ArtifactPlugin } from '${name}';\n`;
  const kept = "const kept = new ArtifactPlugin({ rootDir: 'a' });\n";
  expect(await codeOf(from('@crystallize/artifacts') + kept + plain)).toBe(await codeOf(plain));
  expect(await codeOf(from('@someone/artifacts') + kept + plain)).not.toBe(await codeOf(plain));
});

test('what comes after such a call counts', async () => {
  const code = (text: string) => codeOf(`import { grid } from '@crystallize/core';\n${text}`);
  expect(await code('const a = grid({ k: [1] }).filter(even)')).toBe(
    await code('const a = grid({ k: [2] }).filter(even)'),
  );
  expect(await code('const a = grid({ k: [1] }).filter(even)')).not.toBe(
    await code('const a = grid({ k: [1] }).filter(odd)'),
  );
  expect(await code('const a = grid({ k: [1] })\nf()')).not.toBe(
    await code('const a = grid({ k: [1] })\ng()'),
  );
});

test('names are known by what the module imports them as', async () => {
  const renamed = (values: string) =>
    codeOf(`import { treatment as t } from '@crystallize/core'; f(t('a', ${values}))`);
  expect(await renamed('{ k: 1 }')).toBe(await renamed('{ k: 2 }'));
  const space = (values: string) =>
    codeOf(`import * as c from '@crystallize/core'; f(c.treatment('a', ${values}), c.other(${values}))`);
  expect(await space('{ k: 1 }')).not.toBe(await space('{ k: 2 }'));
  const spaceAlone = (values: string) =>
    codeOf(
      `import * as c from '@crystallize/core'; new c.Experiment({ seed: ${values} }); f(c.grid(${values}))`,
    );
  expect(await spaceAlone('1')).toBe(await spaceAlone('2'));
});

test.each([
  ['a function of the module', 'function grid(x) { return x }\nf(grid(N))'],
  ['an import from elsewhere', "import { grid } from 'plots';\nf(grid(N))"],
  ['an import from a module of the user', "import { grid } from './plots.js';\nf(grid(N))"],
  ['a method', "import { grid } from '@crystallize/core';\nf(page.grid(N))"],
  ['a method of an object', "import { grid } from '@crystallize/core';\nf({ grid(x = N) { return x } })"],
  [
    'a function in a function',
    "import { grid } from '@crystallize/core';\n() => { function grid(x = N) {} }",
  ],
  ['a class of the module', 'class Experiment {}\nnew Experiment({ seed: N })'],
])('what is only named like one of ours counts: %s', async (_what, text) => {
  const code = (value: string) => codeOf(text.replaceAll('N', value));
  expect(await code('1')).not.toBe(await code('2'));
});

test('what only treatments and replicates use is left out with them, unless more than values stands there', async () => {
  const shorthand = definition('pipeline: [fit()], treatments,', 'const treatments = { a: { k: 1 } };');
  const named = definition(
    'pipeline: [fit()], treatments: treatments',
    'const treatments = { a: { k: 1 } };',
  );
  expect(await codeOf(shorthand)).toBe(await codeOf(named));
  expect(await codeOf(shorthand)).toBe(await codeOf(shorthand.replace('k: 1', 'k: 2')));
  const exported = shorthand.replace('const treatments', 'export const treatments');
  expect(await codeOf(exported)).not.toBe(await codeOf(exported.replace('k: 1', 'k: 2')));
  const made = shorthand.replace('k: 1', 'k: half(1)');
  expect(await codeOf(made)).not.toBe(await codeOf(made.replace('half(1)', 'half(2)')));
  const counted = definition('pipeline: [fit()], replicates: N', 'const N = 3;');
  expect(await codeOf(counted)).toBe(await codeOf(counted.replace('N = 3', 'N = 5')));
  const used = definition('pipeline: [fit()], replicates: N', 'const N = 3;\nconst f = () => N;');
  expect(await codeOf(used)).not.toBe(await codeOf(used.replace('N = 3', 'N = 5')));
});

test('literals given to a factory of the user count, those given to a step do not', async () => {
  const own = (k: string) =>
    definition(
      `pipeline: [scale(${k})],`,
      'const scale = (k) => pipelineStep({ name: "s", run: (n) => n * k })();',
    );
  expect(await codeOf(own('5'))).not.toBe(await codeOf(own('6')));
  const made = (k: string) => definition(`pipeline: [new Add(${k})],`, 'class Add extends PipelineStep {}');
  expect(await codeOf(made('5'))).not.toBe(await codeOf(made('6')));
  const step = (k: string) => definition(`pipeline: [fit({ k: ${k} })],`);
  expect(await codeOf(step('5'))).toBe(await codeOf(step('6')));
});

test('a function of a treatment is compared by its text; what it closes over counts', async () => {
  const inline = (text: string) => definition(`pipeline: [fit()], treatments: [treatment('f', ${text})],`);
  expect(await codeOf(inline("(ctx) => ctx.add('k', 1)"))).toBe(
    await codeOf(inline("(ctx) => { ctx.add('k', 2); }")),
  );
  const closing = (values: string) =>
    definition(
      `pipeline: [fit()], treatments: ${values}.map(([n, p]) => treatment(n, (ctx) => ctx.add('k', p))),`,
    );
  expect(await codeOf(closing('[["a", 1]]'))).not.toBe(await codeOf(closing('[["a", 2]]')));
  const over = (value: string) =>
    definition(
      "pipeline: [fit()], treatments: [treatment('f', (ctx) => ctx.add('k', P))],",
      `const P = ${value};`,
    );
  expect(await codeOf(over('1'))).not.toBe(await codeOf(over('2')));
  const making = (value: string) =>
    definition(`pipeline: [fit()], treatments: [treatment('f', setP(${value}))],`);
  expect(await codeOf(making('1'))).not.toBe(await codeOf(making('2')));
});

test('an experiment that a function makes is treated alike', async () => {
  const made = (options: string, k = '1') =>
    codeOf(
      `${helpers}export function make(k) { return { of: [() => new Experiment({ pipeline: [fit({ k: ${k} })], ${options} })] } }`,
    );
  expect(await made('seed: 1')).toBe(await made("replicates: 5, treatments: [treatment('a', { k: 1 })]"));
  expect(await made('seed: 1')).not.toBe(await made('seed: 1', 'k'));
});

test('what runs only as the main module makes no difference', async () => {
  const bare = await codeOf(plain);
  const guarded = (text: string) => codeOf(`${plain}if (import.meta.main) ${text}`);
  expect(await guarded('{\n  const result = await experiment.run();\n  console.log({ result })\n}\n')).toBe(
    bare,
  );
  expect(await guarded('await experiment.run();')).toBe(bare);
  expect(await guarded('await experiment\n  .run({ replicates: 3 })\n')).toBe(bare);
  expect(await guarded('await experiment.run()\nother()')).not.toBe(bare);
});

test('how it is run makes no difference where nothing guards that', async () => {
  const run = (text: string) =>
    codeOf(`${plain}\nconst result = await ${text}\nconsole.log(result.toJSON());`);
  const bare = await run('experiment.run()');
  expect(await run("experiment.run({ strategy: 'resume', replicates: 10 });")).toBe(bare);
  expect(await run('pool.run({ size: 1 })')).not.toBe(await run('pool.run({ size: 2 })'));
  const chained = (text: string) =>
    codeOf(`${helpers}await new Experiment({ pipeline: [fit()] }).run(${text})`);
  expect(await chained("{ strategy: 'resume' }")).toBe(await chained(''));
});

test('what only a hypothesis imports is no part of the code; what a treatment imports is', async () => {
  const { code, write } = project({
    'main.ts': definition(
      'pipeline: [fit()], hypotheses: [{ verifier: judge }]',
      "import { judge } from './judge.ts';",
    ),
    'judge.ts': 'export const judge = () => 1;',
    'values.ts': 'export const values = { k: 1 };',
    'plain.ts': plain,
  });
  const { modules } = await code();
  expect(Object.keys(modules)).toEqual(['main.ts']);
  expect(modules['main.ts']?.code).toBe((await code('plain.ts')).modules['plain.ts']?.code);
  const importing = "import { values } from './values.ts';";
  for (const change of ["treatment('t', values)", "treatment('t', (ctx) => ctx.add('k', values.k))"]) {
    write({ 'main.ts': definition(`pipeline: [fit()], treatments: [${change}]`, importing) });
    expect(Object.keys((await code()).modules)).toEqual(['main.ts', 'values.ts']);
  }
  write({ 'main.ts': definition('pipeline: [fit(judge)]', "import { judge } from './judge.ts';") });
  expect(Object.keys((await code()).modules)).toEqual(['judge.ts', 'main.ts']);
});

test('the order of imports, and of the names in them, is layout', async () => {
  const use = 'f(a, b, c, D);';
  expect(await codeOf(`import { a, b } from './a.js';\nimport D, * as c from 'c';\n${use}`)).toBe(
    await codeOf(`import D, * as c from 'c';\nimport {\n  b,\n  a,\n} from "./a.js"\n${use}`),
  );
  expect(await codeOf(`import './a.js';\nimport './b.js';`)).not.toBe(
    await codeOf(`import './b.js';\nimport './a.js';`),
  );
});
