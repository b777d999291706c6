export {
  artifactDatasource,
  type Loaded,
  type Producer,
} from './artifact/artifact-datasource.ts';
export type {
  ArtifactFileOptions,
  ArtifactOutputOptions,
  UpstreamOptions,
} from './artifact/artifact-options.ts';
export { csvDatasource } from './csv/csv-datasource.ts';
export { CsvError, type CsvErrorCode, type CsvPlace } from './csv/csv-error.ts';
export type { CsvColumns, CsvOptions, CsvRow } from './csv/csv-options.ts';
export type { CsvFile, CsvSource, CsvStream } from './csv/csv-source.ts';
export { csvRows, readCsv } from './csv/read-csv.ts';
