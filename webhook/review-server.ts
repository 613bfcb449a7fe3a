import type { RequestListener } from 'node:http';
import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { REVIEW_MAX_BYTES } from '../lib/contract/kubernetes.ts';
import { createTlsServer } from '../lib/http/web-server.ts';
import type { TlsLimits } from '../lib/tls/serving-certificate.ts';
import type { CertificateSource } from './certificates/source.ts';
import type { ClientAuthority } from './tls/client-authority.ts';

export interface ReviewServer {
  readonly listener: RequestListener;
  readonly limits: TlsLimits;
  readonly certificate: CertificateSource;
  /** CA of the client certificates; undefined: everybody may connect. */
  readonly clientAuthority: ClientAuthority | undefined;
  readonly onConnectionShed: () => void;
  /** Called with the reason for each client that the client CA refuses. */
  readonly onCallerRefused: (reason: string) => void;
}

/**
 * Creates the HTTPS server of `/mutate`. The serving certificate and the client CA change independently, but
 * Node takes both at once: a new one is served together with the latest of the other.
 * @returns the server, and a function that stops following the client CA
 */
export function createReviewServer({
  listener,
  limits,
  certificate,
  clientAuthority,
  onConnectionShed,
  onCallerRefused,
}: ReviewServer): { readonly server: Server; readonly stop: () => void } {
  const { cert, key } = certificate.current() ?? {};
  const clients = () => (clientAuthority ? { ca: clientAuthority.current() } : {});
  const verify = clientAuthority ? { requestCert: true, rejectUnauthorized: true } : {};
  const server = createTlsServer(
    { listener, maxBodyBytes: REVIEW_MAX_BYTES, onConnectionShed },
    { ...limits, cert, key, ...clients(), ...verify },
  );
  let served: SecureContextOptions = { ...limits, cert, key };
  certificate.follow({
    setSecureContext: (next) => {
      server.setSecureContext({ ...next, ...clients() });
      served = next;
    },
  });
  if (clientAuthority) server.on('tlsClientError', ({ message }) => onCallerRefused(message));
  const stop = clientAuthority?.follow((ca) => server.setSecureContext({ ...served, ca })) ?? (() => {});
  return { server, stop };
}
