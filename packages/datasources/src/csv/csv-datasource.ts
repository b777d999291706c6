import { createHash } from 'node:crypto';
import type { ArtifactFile, Datasource, DatasourceContext } from '@crystallize/core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { CsvError } from './csv-error.ts';
import type { CsvColumns, CsvOptions, CsvRow } from './csv-options.ts';
import { type CsvSettings, csvSettings } from './csv-settings.ts';
import { type CsvFile, type CsvSource, isArtifactFile, openSource, pathOf } from './csv-source.ts';
import { LoadedFiles } from './loaded-files.ts';
import { type ReadRow, rowBatches } from './read-csv.ts';
import { RowCopies } from './row-copies.ts';
import { recheck } from './row-schema.ts';

/** Bytes of CSV that stay in memory when the file depends on the cell; the newest file always does. */
const room = 64 * 1024 * 1024;

/**
 * The rows of a CSV file as the data of each cell. A file is read once per run (and worker); each cell
 * gets rows of its own that it may change.
 *
 * @param file - A path (a relative one is resolved now, against the current directory), a `file:` URL
 *   or an artifact; or a function that gives one, or a stream, for each cell. A resume compares the bytes of
 *   a file; of a function only its text, and says so.
 * @throws CsvError where the file can't be read as it is; the cell that needed it fails with it.
 * @example
 * new Experiment({ datasource: csvDatasource('penguins.csv', { schema: Penguin }), … })
 * @example
 * csvDatasource((ctx) => `folds/fold-${ctx.replicate}.csv`)
 */
export function csvDatasource<
  S extends StandardSchemaV1 | undefined = undefined,
  const C extends CsvColumns | undefined = undefined,
>(
  file: CsvFile | ((ctx: DatasourceContext) => CsvSource | Promise<CsvSource>),
  options?: CsvOptions<S, C>,
): Datasource<CsvRow<S, C>[]> {
  const settings = csvSettings(options);
  const given = typeof file === 'function' ? file : fixed(file);
  const load = async (ctx: DatasourceContext): Promise<unknown[]> => {
    const source = typeof given === 'function' ? await given(ctx) : given;
    if (isArtifactFile(source)) recordArtifact(ctx, source);
    const key = keyOf(source);
    if (key === undefined) return (await readAll(source, settings)).rows.map(({ value }) => value);
    const files = ctx.once('files', () => new LoadedFiles<RowCopies>(room));
    const rows = await files.get(key, async () => {
      const { rows, size } = await readAll(source, settings);
      return { content: new RowCopies(rows, (text) => recheck(settings.schema, text)), size };
    });
    return rows.copy();
  };
  return {
    fetch: load as (ctx: DatasourceContext) => Promise<CsvRow<S, C>[]>,
    fingerprint: () => fingerprintOf(given, settings),
    ...(typeof given === 'function' ? { notCompared } : {}),
  } as Datasource<CsvRow<S, C>[]>;
}

const notCompared =
  'Which files csvDatasource reads is told by a function, cell by cell: of these only the function is compared, so that changes of the files go unnoticed.';

function fixed(file: CsvFile): CsvFile {
  if (isArtifactFile(file)) return file;
  if (typeof file === 'string' || file instanceof URL) return pathOf(file);
  const problem = `expected a path, a file: URL or an artifact, and got ${file === null ? 'null' : typeof file}. A stream can be read once, and cells are many: give a function that makes one, csvDatasource(() => stream()).`;
  throw new CsvError('CSV_UNREADABLE', { file: 'csvDatasource' }, problem);
}

async function readAll(source: CsvSource, settings: CsvSettings): Promise<{ rows: ReadRow[]; size: number }> {
  const opened = openSource(source);
  const rows: ReadRow[] = [];
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of opened.chunks()) {
      size += chunk.length;
      yield chunk;
    }
  }
  for await (const batch of rowBatches({ ...opened, chunks: counted }, settings)) rows.push(...batch);
  return { rows, size };
}

/** What stands for a file's content within one run; `undefined` where nothing does. */
function keyOf(source: CsvSource): string | undefined {
  if (typeof source === 'string' || source instanceof URL) return pathOf(source);
  if (!isArtifactFile(source)) return undefined;
  const { sha256, version, experiment, replicate, condition, step, name } = source;
  if (sha256 === undefined && version === undefined) return undefined;
  return JSON.stringify([sha256, version, experiment, replicate, condition, step, name]);
}

function recordArtifact(ctx: DatasourceContext, file: ArtifactFile): void {
  const { experiment, version, replicate, condition, step, name, size, sha256 } = file;
  ctx.recordInput({
    experiment,
    replicate,
    condition,
    step,
    name,
    ...(version === undefined ? {} : { version }),
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
}

async function fingerprintOf(
  given: CsvFile | ((ctx: DatasourceContext) => unknown),
  settings: CsvSettings,
): Promise<string> {
  const { schema, ...rest } = settings;
  const columns = Array.isArray(rest.columns) ? rest.columns : rest.columns && Object.entries(rest.columns);
  const hash = createHash('sha256').update(
    JSON.stringify({ ...rest, columns, schema: schema?.['~standard'].vendor }),
  );
  if (typeof given === 'function') hash.update(String(given));
  else for await (const chunk of openSource(given).chunks()) hash.update(chunk);
  return hash.digest('hex');
}
