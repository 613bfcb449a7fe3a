import { parseRoleArn } from '../../lib/arn.ts';
import type { DesiredBinding, DesiredProvider } from './desired.ts';

/** Returns the OIDC providers that bindings need in an account, each with the audiences of its tokens. */
export function desiredProviders(
  bindings: readonly DesiredBinding[],
  accountId: string,
): readonly DesiredProvider[] {
  const found = new Map<string, DesiredProvider>();
  for (const { roleArn, trustEntries } of bindings) {
    if (parseRoleArn(roleArn)?.account !== accountId) continue;
    for (const { providerArn: arn, issuer, audience } of trustEntries) {
      const clientIds = new Set([...(found.get(arn)?.clientIds ?? []), audience]);
      found.set(arn, { arn, issuer, clientIds: [...clientIds] });
    }
  }
  return [...found.values()];
}
