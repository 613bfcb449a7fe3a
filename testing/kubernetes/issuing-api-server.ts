import { createServer } from 'node:http';
import { drain, listen } from '../../lib/http/serve.ts';

/** What an API server says of its issuer and its keys; a status other than 200 is answered to everything. */
export interface IssuingApiServer {
  /** For `--kube-api`. */
  readonly url: string;
  issuer: string;
  jwks: unknown;
  status: number;
  readonly stop: () => Promise<void>;
}

export async function startIssuingApiServer(issuer: string, jwks: unknown): Promise<IssuingApiServer> {
  const server = createServer((request, response) => {
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: api.issuer },
      '/openid/v1/jwks': api.jwks,
    };
    response.writeHead(api.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(documents[request.url ?? ''] ?? {}));
  });
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  const api: IssuingApiServer = { url, issuer, jwks, status: 200, stop: () => drain(server, 0) };
  return api;
}
