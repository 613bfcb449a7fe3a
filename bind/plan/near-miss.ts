import { issuerHostPath } from '../../lib/issuer.ts';

/**
 * Returns the providers whose issuer differs from the wanted one only in case or in slashes. STS compares
 * every character, so such a provider verifies none of the tokens.
 * @param arns of the account's providers
 * @returns their ARNs, without that of the issuer itself
 */
export function nearMisses(issuer: string, arns: readonly string[]): readonly string[] {
  const wanted = issuerHostPath(issuer);
  return arns.filter((arn) => {
    const found = arn.replace(/^.*?:oidc-provider\//, '');
    return found !== wanted && loosen(found) === loosen(wanted);
  });
}

function loosen(hostPath: string): string {
  return hostPath.toLowerCase().replace(/\/+/g, '/').replace(/\/$/, '');
}
