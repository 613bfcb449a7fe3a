import { ISSUER_FETCH_TIMEOUT_MS } from '../../lib/contract/sts.ts';
import { faultCodeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { type IssuerWay, readServedChain, thumbprintOf } from '../../oidc/verify/served-chain.ts';

/**
 * Returns the SHA-1, in hex, of the last certificate of the chain that the issuer's host serves: the top
 * intermediate CA, as AWS wants it. The chain is not verified. For a certificate of a public CA, AWS ignores
 * thumbprints.
 * [iam] "Obtain the thumbprint for an OpenID Connect identity provider"
 * @throws PodroleError `ISSUER_UNREACHABLE`, `PROXY_FAILED`
 */
export async function servedThumbprint(issuer: string, signal: AbortSignal, way: IssuerWay): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ISSUER_FETCH_TIMEOUT_MS)]);
  try {
    const top = (await readServedChain(issuer, way, limit)).at(-1);
    if (top) return thumbprintOf(top);
    throw new Error('it served no certificate');
  } catch (thrown) {
    if (faultCodeOf(thrown) === 'PROXY_FAILED') throw thrown;
    const { hostname, port } = new URL(issuer);
    const host = way.connectTo ? `${way.connectTo.host}:${way.connectTo.port}` : `${hostname}:${port || 443}`;
    throw new PodroleError(
      {
        code: 'ISSUER_UNREACHABLE',
        object: `issuer ${issuer}`,
        problem: `could not read the certificate chain from ${host}: ${messageOf(thrown)}`,
        remedy: 'publish the issuer first, or give --thumbprint',
      },
      { cause: thrown },
    );
  }
}
