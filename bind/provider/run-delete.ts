import { PodroleError } from '../../lib/errors.ts';
import { asObject } from '../../lib/json/json.ts';
import type { Outcome } from '../../lib/outcome.ts';
import { carryOut } from '../apply/carry-out.ts';
import { findIssuer } from '../find-issuer.ts';
import { findAccount } from '../iam/find-account.ts';
import type { RoleSummary } from '../iam/iam-facts.ts';
import { readProvider } from '../iam/read-provider.ts';
import { listRoles } from '../iam/read-role.ts';
import { providerArnOf } from '../names.ts';
import { EMPTY_PLAN, type Plan } from '../plan/plan-step.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { isOfIssuer, statementsOf } from '../trust/trust-policy-parts.ts';
import { withIamAndCluster } from '../with-iam-and-cluster.ts';
import type { DeleteProviderSettings } from './settings.ts';

/**
 * Runs `podrole provider delete`.
 * @returns the outcome of carryOut
 * @throws PodroleError `PROVIDER_IN_USE` if roles trust it and `force` is off
 */
export async function runDeleteProvider(
  settings: DeleteProviderSettings,
  surroundings: BindSurroundings,
): Promise<Outcome> {
  const { env, signal } = surroundings;
  return withIamAndCluster(settings, env, async ({ iam, cluster, openedCluster }) => {
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    const account = await findAccount(settings, env, iam);
    const arn = providerArnOf(issuer, account);
    const [facts, roles] = await Promise.all([readProvider(iam, arn), listRoles(iam)]);
    const trusting = roles.filter((role) => trusts(role, issuer)).map(({ name }) => name);
    const plan = facts ? planDelete(arn, trusting, settings.force) : EMPTY_PLAN;
    const target = { cluster: openedCluster(), account, issuer };
    const how = { ...settings, target };
    return await carryOut(plan, how, { iam, cluster: undefined }, surroundings);
  });
}

function trusts({ trustPolicy }: RoleSummary, issuer: string): boolean {
  return statementsOf(asObject(trustPolicy)).some((statement) => isOfIssuer(statement, issuer));
}

function planDelete(arn: string, trusting: readonly string[], force: boolean): Plan {
  const object = `OIDC provider ${arn}`;
  const roles = trusting.join(', ');
  if (trusting.length > 0 && !force) {
    throw new PodroleError({
      code: 'PROVIDER_IN_USE',
      object,
      problem: `is trusted by ${trusting.length === 1 ? 'role' : 'roles'} ${roles}`,
      remedy: 'unbind their ServiceAccounts first, or give --force: their pods then lose access to AWS',
    });
  }
  const notes = trusting.length > 0 ? [`pods with the roles ${roles} lose access to AWS`] : [];
  const input = { OpenIDConnectProviderArn: arn };
  const call = { service: 'iam', operation: 'DeleteOpenIDConnectProvider', input } as const;
  return { ...EMPTY_PLAN, notes, steps: [{ object, action: 'delete', call }] };
}
