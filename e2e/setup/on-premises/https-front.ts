import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import { drain, listen } from '../../../lib/http/serve.ts';
import type { Authority } from '../../../testing/certificates/certificates.ts';

interface FrontOptions {
  /** Name in the certificate. */
  readonly host: string;
  /** Its address in e2e/cluster/hosts; the port is 443. */
  readonly address: string;
  /** URL of the server behind it. */
  readonly upstream: string;
  readonly authority: Authority;
}

/**
 * Serves a plain HTTP server at an https URL, as a load balancer does. The Host header stays as it is, since
 * signatures of requests cover it.
 */
export async function startHttpsFront(options: FrontOptions): Promise<{ stop(): Promise<void> }> {
  const { host, address, upstream, authority } = options;
  const server = createServer(await authority.issue([host]), (incoming, response) => {
    const { method, headers, url = '/' } = incoming;
    const onward = httpRequest(`${upstream}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await listen(server, 443, address);
  return { stop: () => drain(server, 0) };
}
