import { issuerHostPath } from '../../../lib/issuer.ts';
import type { KeyPair } from '../../../testing/certificates/certificates.ts';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import type { TemporarySite } from '../temporary-site.ts';

/** A host of e2e/cluster/hosts. */
export const ISSUER = 'https://oidc.example.test';
/**
 * The issuer's URL without its scheme: the prefix of its condition keys, the end of its provider's ARN, and
 * the name in its certificate.
 */
export const PROVIDER = issuerHostPath(ISSUER);

/** Keys of the issuer: those of a kubeconfig's API server, or one public key, PEM. */
export type IssuerKeys = { readonly kubeconfig: string } | { readonly publicPem: string };

/** Publishes the issuer by the shipped podrole, with this certificate, until the site stops. */
export async function startPublisher(
  { file, onStop }: Pick<TemporarySite, 'file' | 'onStop'>,
  keys: IssuerKeys,
  { cert, key }: KeyPair,
): Promise<void> {
  const cluster = 'kubeconfig' in keys ? { KUBECONFIG: keys.kubeconfig } : {};
  const keyFile = 'publicPem' in keys ? ['--key-file', await file('sa.pub', keys.publicPem)] : [];
  const publisher = await startPodrole(
    [
      ...['publish', '--serve', '--x5c', '--issuer', ISSUER, '--host', '127.0.0.2', '--port', '443'],
      ...['--tls-cert', await file('tls.crt', cert), '--tls-key', await file('tls.key', key)],
      ...keyFile,
    ],
    { from: 'bundle', env: cluster },
  );
  onStop(() => publisher.stop('SIGKILL'));
}
