import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** For a client certificate: the Kubernetes group. */
  readonly organization?: string;
  /** For a server certificate: DNS names and addresses. */
  readonly hosts?: readonly string[];
}

export interface CertificateAuthority {
  /** PEM; what a client must trust. */
  readonly certificate: string;
  /** A certificate for server and client use. */
  issue(request: CertificateRequest): Promise<KeyPair>;
}

/** Longer than any run of the tests. */
const VALIDITY_MS = 24 * 3_600_000;
/** P-256 keys take a millisecond to make, RSA ones a hundred. */
const ALGORITHM = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** Makes a certificate authority that lives in memory. */
export async function createCertificateAuthority(commonName: string): Promise<CertificateAuthority> {
  const ca = await generate([{ name: 'commonName', value: commonName }], {
    ...ALGORITHM,
    ...validity(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  return {
    certificate: ca.cert,
    async issue({ commonName: name, organization, hosts = [] }) {
      const subject = [{ name: 'commonName', value: name }];
      if (organization !== undefined) subject.unshift({ name: 'organizationName', value: organization });
      const issued = await generate(subject, {
        ...ALGORITHM,
        ...validity(),
        ca: { key: ca.private, cert: ca.cert },
        extensions: [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          ...(hosts.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames: hosts.map(altName) }]),
        ],
      });
      return { certificate: issued.cert, privateKey: issued.private };
    },
  };
}

function validity(): { notBeforeDate: Date; notAfterDate: Date } {
  const now = Date.now();
  return { notBeforeDate: new Date(now), notAfterDate: new Date(now + VALIDITY_MS) };
}

function altName(host: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
