import { JWKS_PATH } from '../../lib/contract/kubernetes.ts';
import { PodroleError } from '../../lib/errors.ts';
import { belowIssuer, issuerProblem } from '../../lib/issuer.ts';
import type { TokenAlgorithm } from '../keys/keys.ts';

/**
 * The fields that kube-apiserver serves, and `claims_supported`, which AWS's guide to OIDC providers asks
 * for.
 */
export interface DiscoveryDocument {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly response_types_supported: readonly ['id_token'];
  readonly subject_types_supported: readonly ['public'];
  readonly id_token_signing_alg_values_supported: readonly TokenAlgorithm[];
  readonly claims_supported: readonly ['sub', 'iss'];
}

/**
 * The discovery document of an issuer.
 * @param issuer exactly as in the tokens' `iss`
 * @param algorithms of the published keys; repetitions are dropped
 * @param jwksUri URL of the key set; by default the path at which kube-apiserver would serve it
 * @throws PodroleError `INVALID_ISSUER`
 */
export function discoveryDocument(
  issuer: string,
  algorithms: readonly TokenAlgorithm[],
  jwksUri: string = belowIssuer(issuer, JWKS_PATH),
): DiscoveryDocument {
  for (const [object, url] of [
    ['issuer', issuer],
    ['jwks_uri', jwksUri],
  ] as const) {
    const problem = issuerProblem(url);
    if (problem) {
      throw new PodroleError({
        code: 'INVALID_ISSUER',
        object: `${object} ${url}`,
        problem,
        remedy: "give the API server's --service-account-issuer",
      });
    }
  }
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(algorithms)],
    claims_supported: ['sub', 'iss'],
  };
}
