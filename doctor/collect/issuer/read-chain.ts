import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { messageOf } from '../../../lib/errors.ts';
import { publicAuthorities } from '../../../lib/tls/authorities.ts';
import {
  type IssuerWay,
  readServedChain,
  thumbprintOf,
  verifyServedChain,
} from '../../../oidc/verify/served-chain.ts';
import type { ChainOfIssuer } from '../../facts/issuer-facts.ts';
import type { Reading } from '../../facts/reading.ts';

export interface ChainQuestion {
  readonly issuer: string;
  readonly way: IssuerWay;
  /** Certificates that this machine trusts besides its own, in PEM. */
  readonly ca: string | undefined;
  /** Certificates of the CAs that AWS trusts too, in PEM. */
  readonly bundledAuthorities: () => Promise<readonly string[]>;
}

/** Most certificates of a chain, and most names of one, that are kept. */
const MAX_CERTIFICATES = 10;
const MAX_NAMES = 100;

/** Reads the chain that an issuer's host serves, and verifies it twice: with the public CAs, and as here. */
export async function readChain(
  { issuer, way, ca, bundledAuthorities }: ChainQuestion,
  signal: AbortSignal,
): Promise<Reading<ChainOfIssuer>> {
  try {
    const [bundled, own] = await Promise.all([bundledAuthorities(), publicAuthorities()]);
    const here = [...own, ...(ca === undefined ? [] : [ca])];
    const [served, doubt, problem] = await Promise.all([
      readServedChain(issuer, way, signal),
      verifyServedChain(issuer, way, { ca: bundled, checkName: false }, signal),
      verifyServedChain(issuer, way, { ca: here, checkName: true }, signal),
    ]);
    const value: ChainOfIssuer = {
      certificates: served.slice(0, MAX_CERTIFICATES).map(describe),
      isPublic: doubt === undefined,
      isForHost: served.slice(0, 1).some((leaf) => isFor(leaf, issuer)),
      ...(problem && { problem: problem.said, problemCode: problem.code }),
    };
    return { state: 'read', value };
  } catch (thrown) {
    return { state: 'failed', said: messageOf(thrown) };
  }
}

function isFor(leaf: X509Certificate, issuer: string): boolean {
  const host = new URL(issuer).hostname.replace(/^\[(.*)\]$/, '$1');
  return (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined;
}

function describe(certificate: X509Certificate): ChainOfIssuer['certificates'][number] {
  const { subject, issuer, subjectAltName = '', validFromDate, validToDate, ca } = certificate;
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    names: subjectAltName
      .split(', ', MAX_NAMES)
      .map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
      .filter((name) => name !== ''),
    notBefore: validFromDate.toISOString(),
    notAfter: validToDate.toISOString(),
    isCa: ca,
    thumbprint: thumbprintOf(certificate),
  };
}

/** A distinguished name on one line; Node writes one attribute per line. */
function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
