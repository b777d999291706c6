import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { S3Place } from './s3-place.ts';

/**
 * What happens to a request: the connection breaks before it is passed on, or when it was answered but the
 * answer has not come, or in the middle of the answer; or an error is answered in the place of the server.
 */
export type Fault = 'break-before' | 'lose-answer' | 'cut-answer' | 500 | 503;

/** A request on its way. */
export interface PassingRequest {
  readonly method: string;
  /** The path, decoded, with the bucket. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What stands between a store and its server. */
export interface FaultyProxy extends S3Place, AsyncDisposable {
  /** Says what is to happen to a request; `undefined` lets it pass. */
  fault: (request: PassingRequest) => Fault | undefined;
  /** Every request that came, as `PUT /bucket/key`. */
  readonly requests: string[];
}

/** Starts a proxy before a server. Requests keep their host, and so their signature. */
export async function startFaultyProxy(place: S3Place): Promise<FaultyProxy> {
  const { hostname, port } = new URL(place.endpoint);
  const requests: string[] = [];
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '', 'http://proxy');
    const path = decodeURIComponent(url.pathname);
    const { method = '' } = incoming;
    requests.push(`${method} ${path}`);
    const fault = proxy.fault({ method, path, query: url.searchParams });
    if (fault === 'break-before') incoming.socket.destroy();
    else if (typeof fault === 'number') refuse(incoming, response, fault);
    else pass(incoming, response, { hostname, port }, fault);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const proxy: FaultyProxy = {
    ...place,
    endpoint: `http://127.0.0.1:${address.port}`,
    fault: () => undefined,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}

/** Faults for the next requests of a kind, one each; those after them pass. */
export function faultsFor(
  isMeant: (request: PassingRequest) => boolean,
  ...faults: readonly Fault[]
): (request: PassingRequest) => Fault | undefined {
  const waiting = [...faults];
  return (passing) => (isMeant(passing) ? waiting.shift() : undefined);
}

function refuse(incoming: IncomingMessage, response: ServerResponse, status: 500 | 503): void {
  const code = status === 500 ? 'InternalError' : 'SlowDown';
  incoming.resume();
  incoming.once('end', () => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>injected</Message></Error>`);
  });
}

function pass(
  incoming: IncomingMessage,
  response: ServerResponse,
  { hostname, port }: Pick<URL, 'hostname' | 'port'>,
  fault: 'lose-answer' | 'cut-answer' | undefined,
): void {
  const { method, url, headers } = incoming;
  const outgoing = request({ hostname, port, method, path: url, headers }, (answer) => {
    if (fault === 'lose-answer') {
      answer.resume();
      answer.once('end', () => incoming.socket.destroy());
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    if (fault === undefined) {
      answer.pipe(response);
      return;
    }
    let left = Math.floor(Number(answer.headers['content-length'] ?? 0) / 2);
    answer.on('data', (chunk: Buffer) => {
      if (left > 0) response.write(chunk.subarray(0, left), () => left <= 0 && incoming.socket.destroy());
      left -= chunk.length;
    });
  });
  outgoing.on('error', () => incoming.socket.destroy());
  incoming.on('error', () => outgoing.destroy());
  incoming.pipe(outgoing);
}
