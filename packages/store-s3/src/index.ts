export { s3Store } from './s3-store.ts';
export { s3StoreFromUrl } from './s3-store-from-url.ts';
export type { S3ClientSettings, S3StoreOptions } from './s3-store-options.ts';
export { StoreUnsuitableError } from './store-unsuitable-error.ts';
