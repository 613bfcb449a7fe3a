import { parseRoleArn } from '../../../lib/arn.ts';
import { annotationKey } from '../../../lib/contract/aws-webhook.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { isAddedByWebhook } from '../../../pods/warnings/known-sidecars.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { valueIn } from '../../facts/value-in.ts';
import { usesPodIdentity } from '../../workload/credential-sources.ts';
import { patchCommands } from '../remedies/template-commands.ts';
import { containersOf, describePod, describeServiceAccount } from './chain-parts.ts';
import { type ContainerFault, containerFault } from './pod/container-fault.ts';
import { byOldProxy, judgeFaults, refusedPods, withoutRole } from './pod/pod-findings.ts';
import { judgePhase } from './pod/pod-phase.ts';

const { ok, broken, warning, unknown } = findingsOf('pod');

type Grant = NonNullable<ChainFacts['grant']>;

/** Judges whether the stored pod has everything with which its containers can become the role. */
export const pod: Link = {
  id: 'pod',
  title: 'pod',
  needs: ['annotation', 'webhook'],
  judge: (facts) => {
    const { cluster, grant } = facts;
    if (cluster.pod.state === 'absent') return [refusedPods(facts) ?? noPod(facts)];
    if (cluster.pod.state !== 'read')
      return [unknown(`pod of ${describeServiceAccount(facts)}`, cluster.pod)];
    const found = cluster.pod.value;
    return [grant ? judgePod(facts, found, grant) : judgeWithoutGrant(facts, found)];
  },
};

function noPod(facts: ChainFacts): Finding {
  const role = facts.grant ? `; a new one would get ${facts.grant.roleArn}` : '';
  return ok(describeServiceAccount(facts), `has no pod now${role}`);
}

/** The role comes from EKS Pod Identity, from kube2iam or from kiam. */
function judgeWithoutGrant(facts: ChainFacts, found: PodFacts): Finding {
  const isExpected = usesPodIdentity(valueIn(facts.cluster.dryRun)?.pod);
  if (isExpected && !usesPodIdentity(found))
    return withoutRole(facts, found, 'has no variables of EKS Pod Identity');
  return judgePhase(facts, found) ?? ok(describePod(found), 'has what its SDKs need');
}

function judgePod(facts: ChainFacts, found: PodFacts, grant: Grant): Finding {
  const { own, leftOut } = containersOf(facts, found);
  if (own.length === 0) return nobody(facts, found, leftOut);
  const expected = { ...grant, targetRoleArn: targetRoleOf(facts) };
  const faults = own.flatMap((container) => containerFault(found, container, expected) ?? []);
  const missing = faults.filter(({ code }) => code === 'no role');
  if (missing.length === own.length && facts.podRole) {
    const served = byOldProxy(facts, found, facts.podRole.key);
    if (served) return served;
  }
  if (missing.length === own.length) return withoutRole(facts, found, `has no role in ${names(missing)}`);
  const others = faults.filter(({ code }) => code !== 'no role');
  if (others.length > 0) return judgeFaults(facts, found, others);
  const phase = judgePhase(facts, found);
  if (phase) return phase;
  const odd = missing.filter(({ container }) => !isAddedByWebhook(container));
  if (odd.length > 0) return partly(facts, found, odd);
  const left = [...leftOut, ...missing.map(({ container }) => container)];
  return ok(
    describePod(found),
    `has ${grant.roleArn} in ${names(
      own.map(({ name }) => ({ container: name })),
      left,
    )}`,
    left.length > 0
      ? [`without a role, as its annotations or other webhooks want it: ${left.join(', ')}`]
      : [],
  );
}

/** Returns the target role that the annotation names; empty for none, undefined if that is not known. */
function targetRoleOf({ container, cluster }: ChainFacts): string | undefined {
  if (container !== undefined) return '';
  if (cluster.serviceAccount.state !== 'read') return undefined;
  const given = cluster.serviceAccount.value.annotations[PODROLE_ANNOTATION.targetRoleArn] ?? '';
  // A name is completed by the webhook alone.
  return given === '' || parseRoleArn(given) ? given : undefined;
}

function names(
  containers: readonly { readonly container: string }[],
  without: readonly string[] = [],
): string {
  const shown = containers.map(({ container }) => container).filter((name) => !without.includes(name));
  return `container${shown.length === 1 ? '' : 's'} ${shown.join(', ')}`;
}

function nobody(facts: ChainFacts, found: PodFacts, leftOut: readonly string[]): Finding {
  const { container, settings } = facts;
  const object = describePod(found);
  if (leftOut.length === 0 && container !== undefined) {
    return warning('CONTAINER_NOT_FOUND', {
      object,
      expected: `has a container ${container}, which has a role of its own`,
      found: `has only ${found.containers.map(({ name }) => name).join(', ')}`,
      remedy: {
        text: `correct the name in the annotation ${PODROLE_ANNOTATION.containerRoles}`,
        commands: [],
      },
    });
  }
  if (leftOut.length === 0) return ok(object, 'has a role of its own in each container');
  const skip = annotationKey(settings.annotationPrefix, 'skipContainers');
  return broken('CONTAINERS_SKIPPED', {
    object,
    expected: 'has the role in at least one container',
    found: `leaves out ${leftOut.join(', ')}`,
    remedy: {
      text: `remove ${skip} and ${PODROLE_ANNOTATION.includeContainers} from the template of the pod`,
      commands: patchCommands(facts, {
        metadata: { annotations: { [skip]: null, [PODROLE_ANNOTATION.includeContainers]: null } },
      }),
    },
  });
}

/** The webhook adds both variables or none, and cannot change a container that comes after it. */
function partly(facts: ChainFacts, found: PodFacts, missing: readonly ContainerFault[]): Finding {
  return warning('CONTAINER_WITHOUT_ROLE', {
    object: describePod(found),
    expected: `has ${facts.grant?.roleArn} in each container`,
    found: `has none in ${names(missing)}`,
    remedy: {
      text: `list what needs no role in ${facts.settings.annotationPrefix}/skip-containers, or create the pod again`,
      commands: [],
    },
  });
}
