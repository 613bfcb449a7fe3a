import type { Trouble } from '../../chain/findings-of.ts';
import type { FindingCode } from '../../explanations/finding-code.ts';
import type { ChainOfIssuer } from '../../facts/issuer-facts.ts';
import { listed } from './evidence/quoted.ts';

/** Fault of a certificate that no thumbprint makes good. */
interface InvalidCertificate {
  readonly code: FindingCode;
  /** False: it is valid for some time yet. */
  readonly isFatal: boolean;
  readonly trouble: Trouble;
}

/** ACME clients renew 30 days ahead: what is left then was not renewed. */
const EXPIRES_SOON_MS = 7 * 24 * 3_600_000;

/** Judges time and name of the served certificate. Times are compared with the time of the facts. */
export function judgeValidity(
  object: string,
  issuer: string,
  { certificates: [leaf], isForHost, problemCode }: ChainOfIssuer,
  collectedAt: string,
): InvalidCertificate | undefined {
  if (!leaf) return undefined;
  const nowMs = Date.parse(collectedAt);
  const [fromMs, toMs] = [Date.parse(leaf.notBefore), Date.parse(leaf.notAfter)];
  const renewal = {
    object,
    expected: 'is valid today',
    remedy: {
      text: 'renew the certificate on the web server of the issuer, and reload the server',
      commands: [],
    },
  };
  if (nowMs > toMs) {
    return {
      code: 'CERTIFICATE_EXPIRED',
      isFatal: true,
      trouble: { ...renewal, found: `expired ${leaf.notAfter}` },
    };
  }
  if (nowMs < fromMs) {
    const found = `is valid only from ${leaf.notBefore} on`;
    return { code: 'CERTIFICATE_EXPIRED', isFatal: true, trouble: { ...renewal, found } };
  }
  if (problemCode === 'CERT_HAS_EXPIRED' || problemCode === 'CERT_NOT_YET_VALID') {
    const found = 'has a CA certificate in its chain that is not valid today';
    return { code: 'CERTIFICATE_EXPIRED', isFatal: true, trouble: { ...renewal, found } };
  }
  if (!isForHost) {
    const { hostname } = new URL(issuer);
    const trouble = {
      object,
      expected: `is valid for ${hostname}`,
      found: leaf.names.length === 0 ? 'is valid for no host' : `is valid only for ${listed(leaf.names)}`,
      remedy: { text: `serve a certificate with the name ${hostname}`, commands: [] },
    };
    return { code: 'CERTIFICATE_WRONG_NAME', isFatal: true, trouble };
  }
  if (toMs - nowMs > EXPIRES_SOON_MS) return undefined;
  const trouble = { ...renewal, found: `expires ${leaf.notAfter}` };
  return { code: 'CERTIFICATE_EXPIRES_SOON', isFatal: false, trouble };
}
