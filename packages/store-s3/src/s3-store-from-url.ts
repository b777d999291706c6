import { type ArtifactStore, InvalidArgumentError } from '@crystallize/core/storage';
import { s3Store } from './s3-store.ts';
import type { S3StoreOptions } from './s3-store-options.ts';

const form = 's3://bucket/prefix?endpoint=https://…&region=…&forcePathStyle=true';
const known = new Set(['endpoint', 'region', 'forcePathStyle']);
const secret = /key|secret|token|password|credential|signature/i;

/**
 * A store at a URL, as a command line takes it: `s3://bucket/prefix`, with `endpoint`, `region` and
 * `forcePathStyle` as parameters where they are needed. Credentials come from where the SDK looks for them
 * by itself (the environment, `~/.aws`, the role of the machine), and never from the URL, which ends up in
 * histories and logs.
 *
 * @param options - All that {@link s3Store} takes beside the place; settings in the URL come first.
 * @throws InvalidArgumentError when the URL is of another form, or holds credentials. It does not repeat the URL.
 *
 * @example
 * s3StoreFromUrl('s3://my-bucket/experiments?endpoint=http://127.0.0.1:9000&region=us-east-1');
 */
export function s3StoreFromUrl(
  url: string | URL,
  options: Omit<S3StoreOptions, 'bucket' | 'prefix'> = {},
): ArtifactStore {
  const place = parse(url);
  if (place.protocol !== 's3:' || place.host === '' || place.hash !== '' || place.port !== '') {
    throw new InvalidArgumentError(`The URL of the store is not of the form ${form}.`);
  }
  if (place.username !== '' || place.password !== '') throw credentialsError('before its @');
  const settings = settingsIn(place.searchParams);
  return s3Store({
    ...options,
    ...settings,
    bucket: decode(place.hostname),
    prefix: decode(place.pathname.replace(/^\//, '')),
  });
}

function parse(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    // The error of URL would repeat it.
    throw new InvalidArgumentError(`The URL of the store can't be read. It is of the form ${form}.`);
  }
}

type Settings = Pick<S3StoreOptions, 'endpoint' | 'region' | 'forcePathStyle'>;

function settingsIn(parameters: URLSearchParams): Settings {
  const settings: { endpoint?: string; region?: string; forcePathStyle?: boolean } = {};
  for (const [name, value] of parameters) {
    if (!known.has(name)) {
      if (secret.test(name)) throw credentialsError('in a parameter');
      throw new InvalidArgumentError(
        `The URL of the store has the parameter ${JSON.stringify(name.slice(0, 40))}. There are: ${[...known].join(', ')}.`,
      );
    }
    if (name === 'endpoint') settings.endpoint = readEndpoint(value);
    else if (name === 'region') settings.region = value;
    else settings.forcePathStyle = readBoolean(value);
  }
  return settings;
}

function readEndpoint(value: string): string {
  const endpoint = URL.parse(value);
  if (!endpoint || !/^https?:$/.test(endpoint.protocol)) {
    throw new InvalidArgumentError(
      "The endpoint in the URL of the store is no address of a server; it is of the form 'https://host:port'.",
    );
  }
  if (endpoint.username !== '' || endpoint.password !== '') throw credentialsError('in its endpoint');
  return value;
}

function readBoolean(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new InvalidArgumentError("forcePathStyle in the URL of the store is neither 'true' nor 'false'.");
}

function credentialsError(where: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `The URL of the store holds credentials ${where}. Take them out, since URLs end up in histories and logs, and let the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), a profile of ~/.aws, or the role of the machine provide them.`,
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new InvalidArgumentError(
      `The URL of the store has a % that begins no character. Write %25 for it.`,
    );
  }
}
