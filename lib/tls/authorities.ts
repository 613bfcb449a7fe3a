/**
 * Returns the certificates that Node trusts by default, those of NODE_EXTRA_CA_CERTS included, in PEM. Loads
 * `node:tls` only when asked: a static import builds its list of root certificates in the memory of each pod.
 */
export async function publicAuthorities(): Promise<readonly string[]> {
  const { getCACertificates } = await import('node:tls');
  return getCACertificates('default');
}

/** Returns the certificates of the public CAs that Node brings along, in PEM: nothing of this machine. */
export async function bundledAuthorities(): Promise<readonly string[]> {
  const { getCACertificates } = await import('node:tls');
  return getCACertificates('bundled');
}
