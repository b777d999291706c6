import { execFileSync } from 'node:child_process';
import { ArtifactPlugin } from '@crystallize/artifacts';
import { datasource, Experiment, pipelineStep } from '@crystallize/core';
import { expect, test } from 'vitest';
import { tempFolder } from './temp-folder.ts';

/** What crystallize 0.27 reads of a version, by the same means; NaN and Infinity are no JSON. */
const reader = `
import json, sys, pathlib
def refuse(token):
    raise ValueError(token)
base = pathlib.Path(sys.argv[1])
load = lambda path: json.loads(path.read_text(), parse_constant=refuse)
out = {"metadata": load(base / "metadata.json"), "manifest": load(base / "_manifest.json"), "results": {}}
for condition in sorted(path.parent.name for path in base.glob("*/results.json")):
    assert (base / condition / ".crystallize_complete").exists()
    out["results"][condition] = load(base / condition / "results.json")["metrics"]
print(json.dumps(out))
`;

test('Python reads what a run has left, as strict JSON', async (context) => {
  if (!hasPython()) return context.skip('python3 is not installed here');
  await using folder = await tempFolder();
  const step = pipelineStep({
    name: 'measure',
    run(replicate: number, ctx) {
      ctx.record('value', replicate === 1 ? Number.NaN : replicate);
      ctx.record('limit', Number.NEGATIVE_INFINITY);
      return replicate;
    },
  });
  const experiment = new Experiment({
    name: 'for python — é',
    datasource: datasource((ctx) => ctx.replicate),
    pipeline: [step()],
    treatments: { 'k=1': {} },
    plugins: [new ArtifactPlugin({ rootDir: folder.path })],
    replicates: 2,
    seed: 1,
  });
  const { dir } = await experiment.run();
  const read: unknown = JSON.parse(
    execFileSync('python3', ['-X', 'utf8', '-c', reader, dir ?? ''], { encoding: 'utf8' }),
  );
  expect(read).toMatchObject({
    metadata: { replicates: 2, id: experiment.id, name: 'for python — é' },
    manifest: {},
    results: {
      baseline: { value: [0, null], limit: [null, null] },
      'k=1': { value: [0, null], limit: [null, null] },
    },
  });
});

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
