import { StorageError } from '@crystallize/core/storage';

const credentials =
  'Provide others: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, a profile of ~/.aws, the role of the machine, or the option credentials';
const region =
  'Set AWS_REGION, the parameter region of the URL, or the option region to that of the bucket; a server that is not of AWS takes any, such as us-east-1';
const unreachable =
  'Check the endpoint (AWS_ENDPOINT_URL, the parameter endpoint of the URL, or the option endpoint) and the network, then resume the run';
const busy = 'It was tried again and again. Resume the run later, or with less concurrency';
const notAllowed =
  'Allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects, and s3:ListBucket on the bucket';

/** What was found, and what to do, by the code of S3, of the SDK, or of the system. */
const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket. Create it, or correct the name, the region or the endpoint',
  InvalidBucketName: 'that is no name of a bucket. Correct it',
  InvalidAccessKeyId: `the server does not know the access key. ${credentials}`,
  SignatureDoesNotMatch: `the secret does not belong to the access key. ${credentials}`,
  ExpiredToken: `the credentials have expired. ${credentials}`,
  InvalidToken: `the session token is not valid. ${credentials}`,
  CredentialsProviderError: `no credentials were found. ${credentials}`,
  AccessDenied: `the credentials do not allow it. ${notAllowed}`,
  Forbidden: `the credentials do not allow it. ${notAllowed}`,
  PermanentRedirect: `the bucket is in another region. ${region}`,
  AuthorizationHeaderMalformed: `the bucket is in another region. ${region}`,
  IllegalLocationConstraintException: `the bucket is in another region. ${region}`,
  RegionMissing: `no region is set. ${region}`,
  RequestTimeTooSkewed: 'the clock of this machine is too far from that of the server. Set it right',
  ECONNREFUSED: `nothing listens there. ${unreachable}`,
  ENOTFOUND: `there is no such host. ${unreachable}`,
  EAI_AGAIN: `the name of the host could not be looked up. ${unreachable}`,
  EHOSTUNREACH: `the host can't be reached. ${unreachable}`,
  ENETUNREACH: `the network can't be reached. ${unreachable}`,
  ETIMEDOUT: `the server did not answer in time. ${unreachable}`,
  ECONNRESET: `the connection broke. ${busy}`,
  EPIPE: `the connection broke. ${busy}`,
  TimeoutError: `the server did not answer in time. ${unreachable}`,
  SlowDown: `the server asks for fewer requests. ${busy}`,
  ServiceUnavailable: `the server is not available. ${busy}`,
  InternalError: `the server had an error of its own. ${busy}`,
  RequestTimeout: `the server waited for the bytes in vain. ${busy}`,
  KeyTooLongError: 'the key is longer than 1024 bytes. Use a shorter prefix or shorter names',
  EntityTooLarge: 'the object is larger than the server takes. Make it smaller, or partSize larger',
  QuotaExceeded: 'the quota is used up. Remove something, or have it raised, then resume the run',
  NotImplemented: 'the server can not do this. Use a server that can',
  BadDigest: 'other bytes arrived than were sent. Resume the run; if it comes again, check the network',
  InvalidDigest: 'other bytes arrived than were sent. Resume the run; if it comes again, check the network',
};

/** What is told about a request that failed. */
export interface Failure {
  /** S3's, the SDK's or the system's; `undefined` when only a status is known. */
  readonly code: string | undefined;
  /** Of HTTP; `undefined` when no answer came. */
  readonly status: number | undefined;
  readonly message: string;
}

/** What an error of the SDK says. */
export function failureOf(error: unknown): Failure {
  const { name, code, Code, message, $metadata } = (error ?? {}) as {
    name?: unknown;
    code?: unknown;
    Code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const text = typeof message === 'string' ? message : String(error);
  // Answers to HEAD have no body, and so no code: the SDK then makes up a name. It calls a broken connection a timeout.
  const isMadeUp = ['Error', 'Unknown', 'UnknownError', 'NotFound'].includes(String(name));
  const own = isMadeUp || (name === 'TimeoutError' && code !== undefined) ? undefined : name;
  const found = text === 'Region is missing' ? 'RegionMissing' : (Code ?? own ?? code);
  return {
    code: typeof found === 'string' ? found : undefined,
    status: $metadata?.httpStatusCode,
    message: text,
  };
}

/**
 * A failed request as one of our errors. The cause is a copy of the SDK's error: that one holds the
 * request, with its access key and signature, and what is in an error ends up in records and logs.
 *
 * @param action - What failed, such as `write`.
 * @param place - What it was done to.
 */
export function requestError(action: string, place: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { code, status, message } = failureOf(error);
  const byStatus = status === 403 ? 'Forbidden' : status === 301 ? 'PermanentRedirect' : undefined;
  const hint = hints[code ?? ''] ?? hints[byStatus ?? ''];
  const said = message === 'UnknownError' ? `the server answered ${status}` : message;
  const label = [code ?? byStatus, status].filter((part) => part !== undefined).join(', ');
  // Where a connection could not be made, the SDK's message has the address.
  const address = status === undefined && hint && code !== 'RegionMissing' ? `: ${said}` : '';
  const text = `Could not ${action} ${place}: ${hint ?? said}${label && ` (${label}${address})`}.`;
  return new StorageError(text, { cause: harmless(error) });
}

function harmless(error: unknown): Error {
  const { code, status, message } = failureOf(error);
  const copy = new Error(message);
  if (error instanceof Error) copy.name = error.name;
  const requestId = (error as { $metadata?: { requestId?: string } } | undefined)?.$metadata?.requestId;
  return Object.assign(copy, {
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId }),
  });
}
