import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { assertStoreKey, InvalidArgumentError } from '@crystallize/core/storage';

const mebibyte = 1024 * 1024;
const smallestPart = 5 * mebibyte;
const largestPart = 5 * 1024 * mebibyte;

/** What a client is made with: all that the SDK's own takes. */
export type S3ClientSettings = S3ClientConfig;

/** Where an S3 store keeps its objects, and how it asks for them. */
export interface S3StoreOptions {
  /** It must exist. */
  readonly bucket: string;
  /** What all keys begin with, such as `team/experiments`; without it the store is the whole bucket. */
  readonly prefix?: string;
  /** The URL of a server that is not of AWS, such as `http://127.0.0.1:9000`. */
  readonly endpoint?: string;
  /** That of the bucket. Default: where the SDK looks by itself; with an `endpoint`, `AWS_REGION` or `us-east-1`. */
  readonly region?: string;
  /** Better left to where the SDK looks for them by itself: the environment, the files of `~/.aws`, the role of the machine. */
  readonly credentials?: NonNullable<S3ClientConfig['credentials']>;
  /** Whether the bucket is in the path of URLs, and not in the name of the host. Default: with an `endpoint`. */
  readonly forcePathStyle?: boolean;
  /** A client of yours, used as it is; whoever made it ends it. Leave it out for one with the settings of `clientConfig`. */
  readonly client?: S3Client;
  /**
   * Further settings of the client that the store makes: `requestChecksumCalculation`, `requestHandler`,
   * `maxAttempts` and so on. What is left out comes from where the SDK looks by itself.
   * Defaults of ours: 4 attempts, 5 s to connect, 30 s without a sign from the other side.
   */
  readonly clientConfig?: S3ClientSettings;
  /**
   * Bytes in which a large object is uploaded: at least 5 MiB, default 8 MiB. An object has at most 10,000
   * parts, so that the default allows 78 GiB. A streamed artifact takes up to five times as much memory.
   */
  readonly partSize?: number;
  /**
   * Milliseconds without a sign of life after which the owner of a lock is taken for dead by other
   * machines, and its lock is taken over. Default 30,000. A sign is given six times in a lease.
   */
  readonly lease?: number;
  /**
   * A folder of this machine for copies of artifacts whose `path()` is asked for; they are compared with
   * their sha256 whenever that is, and stay there. Default: one of this user's in the temporary folder of the system.
   */
  readonly copyFolder?: string;
}

/** The options, checked and with their defaults. */
export interface CheckedOptions {
  readonly bucket: string;
  /** `''`, or ending with `/`. */
  readonly prefix: string;
  readonly client: S3Client | undefined;
  readonly clientConfig: S3ClientSettings;
  readonly partSize: number;
  readonly lease: number;
  /** Absolute. */
  readonly copyFolder: string;
}

/**
 * The options with their defaults.
 * @throws InvalidArgumentError when one is not what it should be; UnsafeNameError for the prefix.
 */
export function readS3StoreOptions(options: S3StoreOptions): CheckedOptions {
  const { bucket, client, partSize = 8 * mebibyte, lease = 30_000 } = options;
  const { endpoint, region, credentials, forcePathStyle } = options;
  const clientConfig = {
    ...options.clientConfig,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
  };
  const prefix = (options.prefix ?? '').replace(/\/$/, '');
  if (typeof bucket !== 'string' || bucket === '' || bucket.includes('/')) {
    throw new InvalidArgumentError(
      `The bucket of s3Store is ${JSON.stringify(bucket)}; it is the name of a bucket, such as 'my-experiments'. Folders in it go into 'prefix'.`,
    );
  }
  if (prefix !== '') assertStoreKey(prefix);
  if (!Number.isSafeInteger(partSize) || partSize < smallestPart || partSize > largestPart) {
    throw new InvalidArgumentError(
      `The partSize of s3Store is ${String(partSize)}; it is a whole number of bytes from ${smallestPart} (5 MiB) to ${largestPart} (5 GiB).`,
    );
  }
  if (!Number.isFinite(lease) || lease <= 0) {
    throw new InvalidArgumentError(
      `The lease of s3Store is ${String(lease)}; it is a number of milliseconds above 0, such as 30_000.`,
    );
  }
  const given = Object.keys(clientConfig);
  if (client && given.length > 0) {
    throw new InvalidArgumentError(
      `s3Store was given a client and ${given.join(', ')}; it takes one or the other, since a client has its settings already.`,
    );
  }
  const copyFolder = options.copyFolder === undefined ? defaultCopyFolder() : resolve(options.copyFolder);
  return {
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    client,
    clientConfig,
    partSize,
    lease,
    copyFolder,
  };
}

/** Each user of a machine has one: whoever else could write to it could give artifacts other bytes. */
function defaultCopyFolder(): string {
  return join(tmpdir(), `crystallize-copies-${process.getuid?.() ?? 'of-this-user'}`);
}
