import { createHash } from 'node:crypto';
import type Koa from 'koa';
import { DISCOVERY_PATH } from '../../lib/contract/sts.ts';
import { createKoaApp } from '../../lib/http/koa-app.ts';
import { pathOf } from '../../lib/http/request/request-path.ts';
import { belowIssuer } from '../../lib/issuer.ts';
import type { Logger } from '../../lib/logger.ts';
import type { JwksDocument } from '../keys/jwks.ts';
import { PUBLIC_CACHE_CONTROL } from '../publication/cache-headers.ts';
import type { DiscoveryDocument } from '../publication/discovery.ts';
import type { DocumentToStore } from '../targets/target.ts';

/**
 * Serves documents at their paths, for GET and HEAD, with a strong ETag, and `/healthz`.
 * @param documentAt returns the current document at a path; undefined if there is none
 */
export function documentsApp(documentAt: (path: string) => DocumentToStore | undefined, logger: Logger): Koa {
  return createKoaApp({ logger, undeliveredLevel: 'debug' }).use((ctx) => {
    const path = pathOf(ctx);
    if (path === undefined) return;
    const document = documentAt(path) ?? (path === '/healthz' ? HEALTHY : undefined);
    if (!document) return;
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.status = 405;
      ctx.set('Allow', 'GET, HEAD');
      return;
    }
    ctx.type = document.contentType;
    ctx.set('Cache-Control', document.cacheControl);
    const etag = `"${createHash('sha256').update(document.content).digest('base64url')}"`;
    ctx.set('ETag', etag);
    if (isKnown(ctx.get('If-None-Match'), etag)) ctx.status = 304;
    else ctx.body = document.content;
  });
}

/** RFC 9110, section 13.1.2. `no-cache` in a request, which fetch adds, is meant for caches on the way. */
function isKnown(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((known) => ['*', etag].includes(known.trim().replace(/^W\//, '')));
}

const HEALTHY: DocumentToStore = { content: 'ok\n', contentType: 'text/plain', cacheControl: 'no-store' };

/**
 * Serves an issuer's two documents at the paths of its URLs.
 * The content types are those of OpenID Connect Discovery 1.0, section 4.2, and RFC 7517, section 8.5.2.
 */
export function issuerApp(discovery: DiscoveryDocument, jwks: JwksDocument, logger: Logger): Koa {
  const documents = new Map([
    [
      new URL(belowIssuer(discovery.issuer, DISCOVERY_PATH)).pathname,
      documentOf('application/json', discovery),
    ],
    [new URL(discovery.jwks_uri).pathname, documentOf('application/jwk-set+json', jwks)],
  ]);
  return documentsApp((path) => documents.get(path), logger);
}

function documentOf(contentType: string, value: object): DocumentToStore {
  return { content: JSON.stringify(value), contentType, cacheControl: PUBLIC_CACHE_CONTROL };
}
