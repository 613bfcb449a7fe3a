import type { ApiClient } from '../kubernetes/api-client.ts';
import { PodroleError } from '../lib/errors.ts';
import { apiServerKeys } from '../oidc/sources/api-server-keys.ts';
import { issuerFault } from './ask/issuer-fault.ts';

/**
 * Returns the issuer that `--issuer` gives, else the one that the API server publishes.
 * @param cluster opens the API server
 * @throws PodroleError `INVALID_ISSUER` if IAM would refuse it; `API_UNREACHABLE`, `API_REFUSED`
 */
export async function findIssuer(
  given: string | undefined,
  cluster: () => ApiClient,
  signal: AbortSignal,
): Promise<string> {
  const issuer = given ?? (await apiServerKeys(cluster()).readIssuer(signal));
  const fault = issuerFault(issuer, given === undefined ? 'issuer of the API server' : '--issuer');
  if (fault) throw new PodroleError(fault);
  return issuer;
}
