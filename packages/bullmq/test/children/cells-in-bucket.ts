// The same experiment on machines that have no folder in common, only a bucket. Credentials are the environment's.
import type { Experiment, Plugin } from '@crystallize/core';
import { openStore } from '../../../store-s3/test/servers/open-store.ts';
import { type CellsOptions, cells as cellsOf } from './cells.ts';

export interface CellsInBucketOptions extends CellsOptions {
  readonly endpoint: string;
}

export function cells(options: CellsInBucketOptions, plugins: readonly Plugin[] = []): Experiment {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const place = { endpoint: options.endpoint, credentials: { accessKeyId, secretAccessKey } };
  return cellsOf(options, plugins, {
    module: { url: import.meta.url, export: 'cells', args: [options] },
    artifacts: { store: openStore(place, { prefix: 'team' }) },
  });
}
