import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import { SignJWT } from 'jose';
import { drain, listen } from '../../lib/http/serve.ts';
import { createLogger } from '../../lib/logger.ts';
import { jwksDocument } from '../../oidc/keys/jwks.ts';
import { algorithmOf, keyId } from '../../oidc/keys/keys.ts';
import { discoveryDocument } from '../../oidc/publication/discovery.ts';
import { issuerApp } from '../../oidc/serve/documents-app.ts';
import type { Authority } from '../../testing/certificates/certificates.ts';

/** Acts as the cluster: signs ServiceAccount tokens and publishes the keys that verify them. */
export interface Issuer {
  readonly url: string;
  readonly port: number;
  /** Paths fetched so far. */
  readonly fetched: readonly string[];
  /** Returns the token that kubelet would project for a pod of this ServiceAccount. */
  readonly mint: (subject: string, audience: string, expirationSeconds: number) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startIssuer(url: string, authority: Authority): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const alg = algorithmOf(publicKey);
  const logger = createLogger('warn', process.stderr);
  const app = issuerApp(discoveryDocument(url, [alg]), jwksDocument([publicKey]), logger);
  const fetched: string[] = [];
  const server = createServer(await authority.issue([new URL(url).host]), app.callback());
  server.on('request', ({ url: path = '' }) => fetched.push(path));
  const port = await listen(server, 0, '127.0.0.1');
  return {
    url,
    port,
    fetched,
    mint: (subject, audience, expirationSeconds) =>
      new SignJWT()
        .setProtectedHeader({ alg, kid: keyId(publicKey) })
        .setIssuer(url)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(`${expirationSeconds}s`)
        .sign(privateKey),
    stop: () => drain(server, 1_000),
  };
}
