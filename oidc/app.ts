import Koa from 'koa';
import { DISCOVERY_PATH } from '../lib/contract.ts';
import { belowIssuer } from '../lib/issuer.ts';
import type { DiscoveryDocument } from './discovery.ts';
import type { JwksDocument } from './jwks.ts';

/**
 * Serves an issuer's two documents at the paths of its URLs, for GET and HEAD.
 * The content types are those of OpenID Connect Discovery 1.0, section 4.2, and RFC 7517, section 8.5.2.
 */
export function issuerApp(discovery: DiscoveryDocument, jwks: JwksDocument): Koa {
  const documents = new Map([
    [
      new URL(belowIssuer(discovery.issuer, DISCOVERY_PATH)).pathname,
      { type: 'application/json', body: JSON.stringify(discovery) },
    ],
    [new URL(discovery.jwks_uri).pathname, { type: 'application/jwk-set+json', body: JSON.stringify(jwks) }],
  ]);
  return new Koa().use((ctx) => {
    const document = documents.get(ctx.path);
    if (!document) return;
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.status = 405;
      ctx.set('Allow', 'GET, HEAD');
      return;
    }
    ctx.type = document.type;
    ctx.body = document.body;
  });
}
