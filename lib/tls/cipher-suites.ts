import { PodroleError } from '../errors.ts';

/**
 * Cipher suites by IANA name, as Go's crypto/tls and the AWS webhook's flag know them, with OpenSSL's name.
 * Suites that Go calls insecure (RC4, 3DES, RSA key exchange with CBC and SHA-256) are left out.
 * IANA TLS Cipher Suites registry; openssl-ciphers(1), "CIPHER SUITE NAMES"
 */
const OPENSSL_NAME: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
};

/** Suites of TLS 1.3: in Go they are always on, whatever this flag says. OpenSSL has the same names. */
const TLS_13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/**
 * Returns the value of Node's `ciphers` option for a list of IANA names; undefined (Node's own list) for an
 * empty one.
 * @throws PodroleError `INVALID_SETTING` with a fault for each unknown name
 */
export function opensslCiphers(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const unknown = names.filter((name) => !Object.hasOwn(OPENSSL_NAME, name) && !TLS_13_SUITES.includes(name));
  if (unknown.length > 0) {
    throw new PodroleError(
      unknown.map((name) => ({
        code: 'INVALID_SETTING',
        object: '--tls-cipher-suites',
        problem: `${JSON.stringify(name)} is not a supported cipher suite`,
        remedy: `choose from ${Object.keys(OPENSSL_NAME).join(', ')}`,
      })),
    );
  }
  // OpenSSL turns TLS 1.3 off if its suites are not in the list.
  return [...TLS_13_SUITES, ...names.flatMap((name) => OPENSSL_NAME[name] ?? [])].join(':');
}
