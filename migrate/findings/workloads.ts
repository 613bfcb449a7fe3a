import { describeWorkload } from '../../bind/restart/workload.ts';
import { accountKey } from '../../doctor/audit/joins/pods-of.ts';
import { SKIP_POD_LABEL } from '../../lib/contract/aws-webhook.ts';
import { counted } from '../../lib/text/counted.ts';
import type { RunningPod, WorkloadFacts } from '../facts/workload-facts.ts';
import type { NamedRole } from '../join/named-roles.ts';
import type { MigrationFinding } from '../model.ts';
import type { FindingInput } from './finding-input.ts';
import { findingsAbout, someOf } from './make-finding.ts';

/** Finds what a workload that names a role loses, or what has to be done for it by hand. */
export function findInWorkloads({ named, facts, flags }: FindingInput): readonly MigrationFinding[] {
  return named.flatMap((each) => [
    ...incompleteName(each, flags.baseRoleArn),
    ...outOfReach(each),
    ...annotatedOnlyOnPods(each, flags.podRoleAnnotation),
    ...otherRoles(each, flags.podRoleAnnotation),
    ...ownCredentials(each),
    ...roleOfAccount(each, facts.serviceAccounts),
    ...externalId(each),
    ...metadataUse(each),
    ...byHand(each.workload),
  ]);
}

function about({ workload }: Pick<NamedRole, 'workload'>) {
  return findingsAbout(describeWorkload(workload));
}

function incompleteName(each: NamedRole, baseRoleArn: string | undefined): readonly MigrationFinding[] {
  const { given, roleArn } = each;
  if (roleArn !== undefined) return [];
  const text =
    baseRoleArn === undefined
      ? `names the role ${JSON.stringify(given)}, and nothing says which account it is in`
      : `names ${JSON.stringify(given)}, which is not the name or the ARN of a role`;
  const remedy =
    baseRoleArn === undefined
      ? 'give --base-role-arn, here and to podrole webhook'
      : 'correct the annotation: it gives no role today either';
  return [about(each).breaks({ text, remedy })];
}

/** Pods that no admission webhook can help. */
function outOfReach(each: NamedRole): readonly MigrationFinding[] {
  const { source, workload } = each;
  const found: MigrationFinding[] = [];
  if (workload.pods.some(({ isStatic }) => isStatic))
    found.push(
      about(each).breaks({
        text: 'is a static pod, which can have no ServiceAccount token',
        remedy: 'run it by a DaemonSet, or keep the proxy on its node',
      }),
    );
  if (source.isSkipped)
    found.push(
      about(each).breaks({
        text: `has the label ${SKIP_POD_LABEL}, for which podrole leaves its pods alone`,
        remedy: 'remove the label',
      }),
    );
  if (source.hostNetwork)
    found.push(
      about(each).decide({
        text: 'uses the network of its node, where the proxy does not see its requests: it has the role of the node today, and gets the annotated one',
        remedy: 'check that the annotated role is enough, or remove the annotation',
      }),
    );
  return found;
}

function annotatedOnlyOnPods(each: NamedRole, key: string): readonly MigrationFinding[] {
  const { annotatedIn, workload } = each;
  if (annotatedIn === 'template' || workload.kind === 'Pod' || workload.template === undefined) return [];
  return [
    about(each).decide({
      text: `has no annotation ${key} in its pod template: only pods that run now have it, and new ones do not`,
      remedy: 'annotate the pod template',
    }),
  ];
}

/** Pods that somebody annotated by hand, or that are older than the template. */
function otherRoles(each: NamedRole, key: string): readonly MigrationFinding[] {
  const { workload, given } = each;
  const others = workload.pods.filter(({ role }) => role !== given);
  if (others.length === 0) return [];
  const names = someOf(others.map(({ name }) => name));
  return [
    about(each).decide({
      text: `has pods whose annotation ${key} is another one, or is missing: ${names}`,
      remedy: 'restart it, and see whether it works with the role of its template',
    }),
  ];
}

function ownCredentials(each: NamedRole): readonly MigrationFinding[] {
  const { ownVariables } = each.source;
  if (ownVariables.length === 0) return [];
  return [
    about(each).decide({
      text: `sets ${ownVariables.join(', ')} itself, which SDKs prefer to the role, or which podrole leaves as they are`,
      remedy: 'remove the variables from the containers that need the role',
    }),
  ];
}

function roleOfAccount(
  each: NamedRole,
  accounts: FindingInput['facts']['serviceAccounts'],
): readonly MigrationFinding[] {
  const { workload, source, roleArn } = each;
  const role = accounts?.get(accountKey(workload.namespace, source.serviceAccount))?.role;
  if (role === undefined || roleArn === undefined || role === roleArn) return [];
  return [
    about(each).decide({
      text: `runs as ServiceAccount ${source.serviceAccount}, which is annotated with ${role}; the role that the pod names wins`,
      remedy: 'keep one of the two',
    }),
  ];
}

function externalId(each: NamedRole): readonly MigrationFinding[] {
  if (each.source.externalId === undefined) return [];
  return [
    about(each).decide({
      text: 'gives an external ID, which AssumeRoleWithWebIdentity does not have',
      remedy:
        'trust the ServiceAccount as subject, which is narrower, by a statement without a condition on sts:ExternalId',
    }),
  ];
}

function metadataUse(each: NamedRole): readonly MigrationFinding[] {
  const { source, roleArn } = each;
  if (!source.namesMetadata || roleArn === undefined) return [];
  return [
    about(each).decide({
      text: 'names the address of the instance metadata in its variables or arguments',
      remedy:
        "give it podrole's sidecar with the metadata address (docs/sidecar.md); instance data such as the region come from variables then",
    }),
  ];
}

/** Pods that no controller replaces in time. */
function byHand(workload: WorkloadFacts): readonly MigrationFinding[] {
  const { kind, pods, template } = workload;
  const left = pods.filter(isWithoutWebIdentity);
  if (left.length === 0 || pods.some(({ isStatic }) => isStatic)) return [];
  const found = findingsAbout(describeWorkload(workload));
  if (kind === 'Pod')
    return [
      found.decide({
        text: 'is a pod without a controller: nobody replaces it',
        remedy: 'delete it and create it again in the step that switches its namespace',
      }),
    ];
  if (kind === 'Job' || kind === 'CronJob')
    return [
      found.note({
        text: `has ${counted(left.length, 'pod')} now, which ask the proxy until they end`,
        remedy: 'keep the proxy until then',
      }),
    ];
  if (template === undefined)
    return [
      found.note({
        text: 'was not found, or is of a kind that podrole does not read: its pods say what is known',
        remedy: `switch and restart it by the means of ${kind}`,
      }),
    ];
  return [];
}

function isWithoutWebIdentity({ injectedRoles }: RunningPod): boolean {
  return injectedRoles.length === 0;
}
