import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../logger.ts';
import { hasBody } from './body/has-body.ts';
import { BodyTooLargeError, readBody } from './body/read-body.ts';
import type { EndpointAnswer, EndpointRequest } from './endpoint.ts';
import { jsonError } from './json-answer.ts';
import { isAllowedHost, isSameHost } from './request/allowed-host.ts';
import { loggedPath } from './request/logged-path.ts';
import { requestTarget } from './request/request-target.ts';

/** No endpoint takes a body. Some SDKs send an empty one in chunks, or an empty form. */
export const MAX_BODY_BYTES = 4_096;

/** Answers a request by the connection that it came on; never throws. */
export type ConnectionEndpoint = (request: EndpointRequest, connection: Socket) => Promise<EndpointAnswer>;

export interface RequestListenerOptions {
  readonly endpoint: ConnectionEndpoint;
  readonly logger: Logger;
  /** Called with the status of each answer. */
  readonly onAnswer: (status: number) => void;
}

/** Passes requests to an endpoint if they are meant for this server and not too large. */
export function requestListener({ endpoint, logger, onAnswer }: RequestListenerOptions): RequestListener {
  return async (request, response) => {
    let answer: EndpointAnswer;
    try {
      answer = await answerRequest(request, endpoint);
    } catch (thrown) {
      logger.error({ err: thrown, method: request.method }, 'request failed');
      answer = jsonError(500, 'INTERNAL_ERROR', 'internal error; the log of podrole says why');
    }
    // The rest of a body would be read as the next request.
    sendAnswer(response, request.complete ? answer : asLast(answer));
    onAnswer(answer.status);
    if (logger.isLevelEnabled('debug')) {
      logger.debug({ ...described(request), status: answer.status }, 'request answered');
    }
  };
}

async function answerRequest(
  request: IncomingMessage,
  endpoint: ConnectionEndpoint,
): Promise<EndpointAnswer> {
  const { method = '', headers } = request;
  const { url, authority } = requestTarget(request.url ?? '');
  if (!isAllowedHost(headers.host) || (authority !== undefined && !isSameHost(authority, headers.host))) {
    return jsonError(
      403,
      'HOST_NOT_ALLOWED',
      'only the metadata addresses and names of loopback are answered',
    );
  }
  try {
    if (hasBody(request)) await readBody(request, MAX_BODY_BYTES);
  } catch (thrown) {
    if (thrown instanceof BodyTooLargeError) return jsonError(413, 'BODY_TOO_LARGE', thrown.message);
    return jsonError(400, 'BODY_INCOMPLETE', 'the body did not arrive whole');
  }
  return endpoint({ method, url, headers }, request.socket);
}

/** The same answer, as the last one of its connection. */
function asLast(answer: EndpointAnswer): EndpointAnswer {
  return { ...answer, headers: { ...answer.headers, Connection: 'close' } };
}

/** Sends an answer; without its body if the request was a HEAD. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: EndpointAnswer): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Describes a request for a log, without a query, a header or a name in a path that may be a secret. */
function described({ method, url = '', headers }: IncomingMessage): Readonly<Record<string, unknown>> {
  return {
    method,
    path: loggedPath(url),
    host: headers.host?.slice(0, 100),
    userAgent: headers['user-agent']?.slice(0, 200),
  };
}
