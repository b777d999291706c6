import type { S3Client } from '@aws-sdk/client-s3';
import type { CheckedOptions } from '../s3-store-options.ts';

/** The SDK, loaded, and a client. */
export interface Connection {
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly client: S3Client;
  /** Whether the client adds checksums wherever it can. Some servers want it not to. */
  readonly addsChecksums: boolean;
}

const silent = () => {};
/** The SDK prints warnings where it is given none. */
const noLogger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

/** Loads the SDK, which takes a tenth of a second, and makes the client if the user has not. */
export async function connect(options: CheckedOptions): Promise<Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = options.client ?? new sdk.S3Client(settingsOf(options));
  const addsChecksums = (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
  return { sdk, client, addsChecksums };
}

function settingsOf({ clientConfig }: CheckedOptions): CheckedOptions['clientConfig'] {
  const endpoint =
    clientConfig.endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return {
    maxAttempts: 4,
    logger: noLogger,
    // Servers of one's own rarely have a name for every bucket, and take any region.
    ...(endpoint && { forcePathStyle: true }),
    ...(endpoint && !process.env['AWS_REGION'] && { region: 'us-east-1' }),
    // Who reads an artifact compares its sha256, and who reads a log the checksum of each line.
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: 5_000,
      // Of silence, not of the whole: a large part may take long.
      socketTimeout: 30_000,
      logger: noLogger,
    },
    ...clientConfig,
  };
}
