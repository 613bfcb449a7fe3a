import { judgeRole } from '../../../../policy/judge-role.ts';
import type { Refusal, RoleUse } from '../../../../policy/role-use.ts';
import type { Finding, Remedy } from '../../../chain/finding.ts';
import { findingsOf } from '../../../chain/findings-of.ts';
import type { FindingCode } from '../../../explanations/finding-code.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import { areRolesJudged } from '../../../facts/rule-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { restartCommands } from '../../remedies/remedies.ts';
import { hasGrant, keyOf } from '../chain-parts.ts';
import { allowCommands } from './allow-role.ts';

const { broken, warning, unknown } = findingsOf('annotation');

const CODES: Readonly<Record<Refusal['rule'], FindingCode>> = {
  permitted: 'ROLE_NOT_PERMITTED',
  'allowed-roles': 'ROLE_NOT_IN_ALLOWED_ROLES',
  'namespace-policy': 'ROLE_NOT_IN_NAMESPACE_POLICY',
  'policy-file': 'ROLE_NOT_IN_POLICY_FILE',
  'no-rule': 'ROLE_WITHOUT_RULE',
};

/**
 * Judges whether the rules of the namespace and the policy file let its pods use the role of a chain;
 * undefined if they do.
 */
export function judgeRules(facts: ChainFacts): Finding | undefined {
  const { roleRules } = facts.settings;
  const use = useOf(facts);
  if (!use || !roleRules) return undefined;
  // A webhook that reads the annotation of the pod judges roles, whatever the options say.
  if (!facts.podRole && !areRolesJudged(roleRules)) return undefined;
  const { namespaceRules } = facts.cluster;
  const isKnown = namespaceRules?.state === 'read' || namespaceRules?.state === 'absent';
  const { policy, allowedRolesFormat, baseRoleArn, mode } = roleRules;
  const refusal = judgeRole(use, {
    namespace: valueIn(namespaceRules),
    policy,
    allowedRolesFormat,
    baseRoleArn: baseRoleArn ?? baseIn(use),
  });
  // The policy file refuses whatever the Namespace says.
  if (!isKnown && refusal?.rule !== 'policy-file')
    return namespaceRules && unknown(`rules of Namespace ${use.namespace}`, namespaceRules);
  if (!refusal) return undefined;
  const isGiven = use.namedBy !== 'pod' && mode !== 'enforce';
  return (isGiven ? warning : broken)(CODES[refusal.rule], {
    object: refusal.object,
    expected: `allows the role ${use.roleArn} to the pods of ServiceAccount ${use.namespace}/${use.serviceAccount}`,
    found: refusal.problem,
    remedy: remedyOf(facts, use, refusal),
    details: isGiven ? ['the pods get the role nevertheless: --policy=enforce would refuse them'] : [],
  });
}

function useOf(facts: ChainFacts): RoleUse | undefined {
  const { podRole, grant, subject, serviceAccountName, cluster } = facts;
  if (!grant) return undefined;
  const own = valueIn(cluster.serviceAccount)?.annotations[keyOf(facts)];
  const base = { namespace: subject.namespace, serviceAccount: serviceAccountName, roleArn: grant.roleArn };
  if (podRole) return { ...base, given: podRole.given, namedBy: 'pod' };
  if (own)
    return {
      ...base,
      given: facts.container === undefined ? own : grant.roleArn,
      namedBy: 'service-account',
    };
  const isOfWebhook = hasGrant(facts, valueIn(cluster.dryRun)?.pod);
  // A role that the manifest of a pod sets is none of the webhook's.
  return isOfWebhook ? { ...base, given: grant.roleArn, namedBy: 'config-map' } : undefined;
}

function remedyOf(facts: ChainFacts, use: RoleUse, { rule, remedy }: Refusal): Remedy {
  if (rule === 'policy-file') return { text: remedy, commands: [] };
  const namespace = valueIn(facts.cluster.namespaceRules);
  const { allowedRolesFormat: format = 'glob', baseRoleArn } = facts.settings.roleRules ?? {};
  const base = baseRoleArn ?? baseIn(use);
  const commands = namespace ? allowCommands({ use, namespace, rule, format, baseRoleArn: base }) : [];
  return {
    text:
      commands.length > 0
        ? 'if its pods may use the role, let the Namespace allow it too, and create the pods again'
        : remedy,
    commands: commands.length > 0 ? [...commands, ...restartCommands(facts)] : [],
  };
}

/** Returns what the webhook put before the name that a pod gives, where nobody gave --base-role-arn. */
function baseIn({ roleArn, given }: RoleUse): string | undefined {
  const name = `/${given.replace(/^\//, '')}`;
  return roleArn.endsWith(name) ? roleArn.slice(0, 1 - name.length) : undefined;
}
