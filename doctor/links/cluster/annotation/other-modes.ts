import { KUBE2IAM_ROLE_ANNOTATION } from '../../../../lib/contract/kube2iam.ts';
import type { Finding } from '../../../chain/finding.ts';
import { findingsOf } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { ServiceAccountFacts } from '../../../facts/cluster-facts.ts';
import { valueIn } from '../../../facts/value-in.ts';
import { usesPodIdentity } from '../../../workload/credential-sources.ts';
import { bindCommands } from '../../remedies/remedies.ts';
import { describeServiceAccount } from '../chain-parts.ts';

const { ok, broken, warning, unknown } = findingsOf('annotation');

/** Judges a ServiceAccount whose pods get their role by other means than its annotation. */
export function otherMode(facts: ChainFacts, own: ServiceAccountFacts): Finding | undefined {
  const pod = valueIn(facts.cluster.pod);
  if (usesPodIdentity(pod) || usesPodIdentity(valueIn(facts.cluster.dryRun)?.pod)) {
    const found = 'has no annotation with a role; its pods get one from EKS Pod Identity';
    return ok(describeServiceAccount(facts), found, [
      'the role is in the pod identity association of EKS; the later links are not about it',
    ]);
  }
  const key = KUBE2IAM_ROLE_ANNOTATION;
  const onPod = pod?.annotations[key];
  if (onPod) return kube2iam(facts, onPod);
  return own.annotations[key]
    ? notServed(facts, `has the annotation ${key}, which counts on pods only`)
    : undefined;
}

function kube2iam(facts: ChainFacts, role: string): Finding {
  const { nodeAgents } = facts.cluster;
  const object = describeServiceAccount(facts);
  if (nodeAgents.state !== 'read') return unknown(`DaemonSets of kube2iam and kiam`, nodeAgents);
  const agent = nodeAgents.value.find(({ kind }) => kind === 'kube2iam' || kind === 'kiam');
  if (!agent)
    return notServed(facts, `names no role; its pod asks kube2iam or kiam for ${role}, and neither is there`);
  return warning('KUBE2IAM_ROLE', {
    object,
    expected: 'names the role of its pods',
    found: `names none; ${agent.kind} gives its pod ${role}`,
    remedy: { text: 'bind the role to the ServiceAccount to leave it', commands: bindCommands(facts) },
    details: [`DaemonSet ${agent.namespace}/${agent.name}; the later links are not about that role`],
  });
}

function notServed(facts: ChainFacts, found: string): Finding {
  return broken('KUBE2IAM_ANNOTATION', {
    object: describeServiceAccount(facts),
    expected: 'names the role of its pods',
    found,
    remedy: {
      text: 'bind the role to the ServiceAccount; or let the webhook read the annotation: its option --pod-role-annotation, and podrole migrate for the way to it',
      commands: bindCommands(facts),
    },
  });
}
