import { DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';
import { IAM_OIDC_PROVIDER } from '../../lib/contract/iam.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import type { Outcome } from '../../lib/outcome.ts';
import { carryOut } from '../apply/carry-out.ts';
import { isClientId } from '../ask/client-id.ts';
import { parseTags } from '../ask/parse-tags.ts';
import { tagProblems } from '../ask/tag-problems.ts';
import { thumbprintFaults } from '../ask/thumbprint.ts';
import { collectProvider } from '../facts/collect-provider.ts';
import { findIssuer } from '../find-issuer.ts';
import { findAccount } from '../iam/find-account.ts';
import { providerArnOf } from '../names.ts';
import { planProvider } from '../plan/plan-provider.ts';
import { EMPTY_PLAN, joinPlans } from '../plan/plan-step.ts';
import type { BindSurroundings } from '../surroundings.ts';
import { withIamAndCluster } from '../with-iam-and-cluster.ts';
import type { EnsureProviderSettings } from './settings.ts';

/**
 * Runs `podrole provider ensure`.
 * @returns the outcome of carryOut
 * @throws PodroleError with every fault, before anything is written
 */
export async function runEnsureProvider(
  settings: EnsureProviderSettings,
  surroundings: BindSurroundings,
): Promise<Outcome> {
  const { env, signal } = surroundings;
  const tags = parseTags(settings.tags);
  checkSettings(settings, tags);
  const clientIds = settings.clientId.length > 0 ? settings.clientId : [DEFAULT_TOKEN_AUDIENCE];
  return withIamAndCluster(settings, env, async ({ iam, cluster, openedCluster }) => {
    const issuer = await findIssuer(settings.issuer, cluster, signal);
    const account = await findAccount(settings, env, iam);
    const arn = providerArnOf(issuer, account);
    const desired = { arn, issuer, clientIds: [...new Set(clientIds)] };
    const question = { thumbprints: settings.thumbprint, compareServed: true, signal, way: { env } };
    const { facts, accountArns, thumbprints, notes } = await collectProvider(iam, desired, question);
    const plan = planProvider({ desired, thumbprints, tags, prune: settings.prune }, facts, accountArns);
    const tools = { iam, cluster: undefined };
    const target = { cluster: openedCluster(), account, issuer };
    const how = { ...settings, target };
    return await carryOut(joinPlans([plan, { ...EMPTY_PLAN, notes }]), how, tools, surroundings);
  });
}

function checkSettings(settings: EnsureProviderSettings, tags: Readonly<Record<string, string>>): void {
  const faults: Fault[] = [...thumbprintFaults(settings.thumbprint)];
  const refuse = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy });
  for (const clientId of settings.clientId.filter((id) => !isClientId(id))) {
    refuse(
      '--client-id',
      `holds one of ${clientId.length} characters`,
      `give 1 to ${IAM_OIDC_PROVIDER.maxClientIdLength}`,
    );
  }
  for (const problem of tagProblems(tags)) refuse('--tags', problem, 'give tags that IAM accepts');
  throwIfAny(faults);
}
