import { isIP } from 'node:net';
import { generate } from 'selfsigned';

/** A private key and its certificate, PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

export interface Authority extends KeyPair {
  /** Issues a certificate for these host names and addresses; the first is its common name. */
  readonly issue: (hosts: readonly string[], validity?: Validity, organization?: string) => Promise<KeyPair>;
}

interface Validity {
  readonly notBeforeDate: Date;
  readonly notAfterDate: Date;
}

const KEY = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

/** Creates a certificate authority for a test, the demo or the bench; it is valid for a year. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: commonName }], {
    ...KEY,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const issue = async (
    hosts: readonly string[],
    validity?: Validity,
    organization?: string,
  ): Promise<KeyPair> => {
    const subject = [
      ...(organization ? [{ name: 'organizationName', value: organization }] : []),
      { name: 'commonName', value: hosts[0] ?? commonName },
    ];
    const issued = await generate(subject, {
      ...KEY,
      ...validity,
      ca: { key, cert },
      extensions: [
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        {
          name: 'subjectAltName',
          altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
        },
      ],
    });
    return { key: issued.private, cert: issued.cert };
  };
  return { key, cert, issue };
}
