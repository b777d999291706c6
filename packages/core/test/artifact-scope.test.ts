import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** In a process of its own, where no Artifact was made before. */
function runLate(concurrency: number): { readonly files: string[]; readonly codes: string[] } {
  const script = fileURLToPath(new URL('fixtures/late-artifact.ts', import.meta.url));
  const args = ['--conditions=crystallize-source', script, String(concurrency)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('the first Artifact of a process finds its step also when that step makes it, after an await', () => {
  expect(runLate(1)).toEqual({ files: ['late-0.txt', 'late-1.txt', 'late-2.txt'], codes: [] });
});

test('where several such steps run at the same time it is an error, never a file of the wrong step', () => {
  expect(runLate(3)).toEqual({ files: [], codes: ['ARTIFACT_SCOPE', 'ARTIFACT_SCOPE', 'ARTIFACT_SCOPE'] });
});
