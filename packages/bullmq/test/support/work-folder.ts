import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder in which the cells of a test run. */
export class WorkFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<WorkFolder> {
    return new WorkFolder(await mkdtemp(join(tmpdir(), 'crystallize-queue-')));
  }

  /** The cells that were run, in order, one for each time: `condition/replicate`. */
  async ran(): Promise<readonly string[]> {
    const text = await readFile(join(this.path, 'ran.log'), 'utf8').catch(() => '');
    return text.split('\n').slice(0, -1);
  }

  /** The values that are stored of a condition in a version, by replicate. */
  async results(condition: string, version = 0): Promise<readonly number[]> {
    const path = join(this.path, `runs/cells/v${version}/${condition}/results.json`);
    const { metrics } = JSON.parse(await readFile(path, 'utf8')) as {
      readonly metrics: { readonly value: readonly number[] };
    };
    return metrics.value;
  }

  /** The files that the cells of a condition have stored, by replicate. */
  async files(condition: string, replicates: number): Promise<readonly number[]> {
    const read = async (replicate: number) => {
      const path = `runs/cells/v0/replicate_${replicate}/${condition}/value/value.json`;
      return JSON.parse(await readFile(join(this.path, path), 'utf8')) as number;
    };
    return Promise.all(Array.from({ length: replicates }, (_, replicate) => read(replicate)));
  }

  /** Lets cells go on that wait. */
  async release(): Promise<void> {
    await writeFile(join(this.path, 'released'), '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
