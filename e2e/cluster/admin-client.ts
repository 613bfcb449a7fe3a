import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { KeyPair } from '../../testing/certificates/certificates.ts';

export interface AdminAnswer {
  readonly status: number;
  /**
   * Parsed JSON: an object, a list, or a Status. The string, if the answer is not JSON, such as that of
   * /readyz.
   */
  readonly body: unknown;
  /** Messages of the `Warning` headers, as kubectl prints them. */
  readonly warnings: readonly string[];
}

export interface AdminClient {
  /**
   * Sends one request to the API server as cluster administrator, over a kept connection.
   * @param path with its query, e.g. `/api/v1/namespaces/shop/pods?dryRun=All`
   * @param body sent as JSON
   * @param contentType for PATCH: `application/merge-patch+json` (default), `application/json-patch+json`,
   * ...
   * @throws when the connection fails; an HTTP error is an answer
   */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<AdminAnswer>;
  /** Closes the connections: those to an API server that has ended would fail later. */
  disconnect(): void;
}

const TIMEOUT_MS = 60_000;
/** More connections do not speed up one API server on two cores. */
const MAX_CONNECTIONS = 32;

/** Creates a client of the API server that uses a client certificate. */
export function createAdminClient(server: string, authority: string, client: KeyPair): AdminClient {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    ca: authority,
    cert: client.cert,
    key: client.key,
  });
  return {
    disconnect: () => agent.destroy(),
    request(method, path, body, contentType = defaultContentType(method)) {
      return new Promise((resolve, reject) => {
        const options = {
          method,
          agent,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: { accept: 'application/json, */*', 'content-type': contentType },
        };
        const call = httpsRequest(new URL(path, server), options, (response) => {
          const isJson = /[/+]json/.test(response.headers['content-type'] ?? '');
          const answer = (received: string): AdminAnswer => ({
            status: response.statusCode ?? 0,
            body: isJson ? JSON.parse(received) : received,
            warnings: (response.headersDistinct['warning'] ?? []).map(warningText),
          });
          text(response).then(answer).then(resolve, reject);
        });
        call.on('error', reject);
        call.end(body === undefined ? undefined : JSON.stringify(body));
      });
    },
  };
}

function defaultContentType(method: string): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

/** Returns the message of `299 - "message"`, quoted as in RFC 9110, section 5.6.4. */
function warningText(header: string): string {
  const [, quoted] = /^\d{3} \S+ "((?:[^"\\]|\\.)*)"/.exec(header) ?? [];
  return quoted === undefined ? header : quoted.replaceAll(/\\(.)/g, '$1');
}
