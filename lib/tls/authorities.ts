import { getCACertificates } from 'node:tls';

/** Returns the certificates that Node trusts by default, those of NODE_EXTRA_CA_CERTS included, in PEM. */
export function publicAuthorities(): readonly string[] {
  return getCACertificates('default');
}
