import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Longer than a daemon on a busy machine needs to end a container. */
const TIMEOUT_MS = 120_000;

/** A client of a daemon's API that is not podrole's, as fast as `docker` is slow. */
export interface DockerApi {
  /**
   * Sends a request.
   * @returns status and the decoded JSON, or undefined for another body
   * @throws when the daemon cannot be reached
   */
  request(method: string, path: string, body?: object): Promise<DockerAnswer>;
  isAlive(): Promise<boolean>;
}

export interface DockerAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** @param socketPath of the daemon, as this process sees it */
export function dockerApi(socketPath: string): DockerApi {
  const send: DockerApi['request'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const call = request(
        { socketPath, method, path, headers: { 'content-type': 'application/json' }, timeout: TIMEOUT_MS },
        (response) => {
          text(response)
            .then((read) => resolve({ status: response.statusCode ?? 0, body: decoded(read) }))
            .catch(reject);
        },
      );
      call.on('error', reject);
      call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path}`)));
      call.end(body && JSON.stringify(body));
    });
  return {
    request: send,
    isAlive: async () => existsSync(socketPath) && (await send('GET', '/_ping')).status === 200,
  };
}

function decoded(read: string): unknown {
  try {
    return JSON.parse(read);
  } catch {
    return undefined;
  }
}
